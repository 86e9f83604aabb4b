"""The snapshots of all plans, in tests/plans.

A snapshot shows a reviewer what a change of a query, an index or a table does to a plan. The plans are made on a
scratch database with the rows of bench/data/year. All of them are counted, so the plans are the same each time and on
every machine.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psycopg

from service.queries import ROOT, Bound, Query
from service.queries.plans import Node, explain, lines

FOLDER = ROOT.parent / "tests" / "plans"
DATA = ROOT.parent / "bench" / "data"
VERSION = 18  # of PostgreSQL; others name and plan some things differently

# ANALYZE takes a sample of 300 rows for each unit: of tables with up to 120,000 rows it takes them all.
STATISTICS_TARGET = 400


def fill(superuser_url: str) -> None:
    """Fills a migrated database, and has its rows counted."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        # VACUUM takes a page for visible to all only once it knows that the commit is on disk.
        connection.execute("SET synchronous_commit = on")
        with connection.transaction():
            for path in (DATA / "functions.sql", *sorted((DATA / "year").glob("*.sql"))):
                connection.execute(path.read_bytes())
        connection.execute(f"SET default_statistics_target = {STATISTICS_TARGET}")
        connection.execute("VACUUM (ANALYZE)")


def make(
    url: str, queries: Iterable[Query[Any]], first: Sequence[Bound[Any, Any]]
) -> dict[str, Node]:
    """The plans of the queries after `first`, by name, as the role of the URL."""
    with psycopg.connect(url) as connection:
        return {query.name: explain(connection, query, first) for query in queries}


def snapshot(plan: Node) -> str:
    return "\n".join(lines(plan)) + "\n"


def path(name: str, folder: Path = FOLDER) -> Path:
    """Where the snapshot of a query is kept: <area>/<query>.txt."""
    return folder / f"{name.replace('.', '/')}.txt"


def write(plans: dict[str, Node], folder: Path = FOLDER) -> list[Path]:
    """Makes the snapshots in the folder those of the plans; which were changed, added or removed."""
    wanted = {path(name, folder): snapshot(plan) for name, plan in plans.items()}
    kept = {file: file.read_text() for file in folder.glob("*/*.txt")}
    changed = sorted(file for file in kept | wanted if kept.get(file) != wanted.get(file))
    for file in changed:
        if file in wanted:
            file.parent.mkdir(exist_ok=True)
            file.write_text(wanted[file])
        else:
            file.unlink()
    return changed
