"""The query language: the reviewed statements in `sql/<area>/<query>.sql`, called as `queries.<area>.<query>(...)`.

`query` says what a file holds. The service runs on that alone; what describes, explains and checks the queries lies
beside it, and what needs PostgreSQL's parser, in development only, in `review`.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from service.queries.query import Bound, Query, QueryError, parse

if TYPE_CHECKING:
    from service.stubs import Queries

__all__ = ["ROOT", "Bound", "Query", "QueryError", "load", "queries"]

ROOT = Path(__file__).resolve().parents[2] / "sql"


def load(root: Path = ROOT) -> dict[str, Query[Any]]:
    """All queries under `root` by name; the first file that is none stops it."""
    parsed = {}
    for path in sorted(root.glob("*/*.sql")):
        name = f"{path.parent.name}.{path.stem}"
        parsed[name] = parse(path.read_text("utf-8"), name, path.relative_to(root.parent))
    return parsed


def by_area(by_name: Mapping[str, Query[Any]]) -> SimpleNamespace:
    """`queries.inbox.list_messages`: the queries as attributes of their areas."""
    areas: dict[str, SimpleNamespace] = {}
    for name, query in by_name.items():
        area, _, short = name.partition(".")
        setattr(areas.setdefault(area, SimpleNamespace()), short, query)
    return SimpleNamespace(**areas)


try:
    queries = cast("Queries", by_area(load()))
except QueryError as error:
    # Nothing can start without them, and the line tells all that there is to tell.
    sys.exit(str(error))
