"""Writes the stubs of the queries: their parameters, rows and cardinalities, as the server describes them.

mypy and editors read them in service/stubs; at run time they are not there.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from service.queries.describe import Column, Description, describe
from service.queries.query import Bound, Parameter, Query

Described = tuple[Query[Any], Description]

FOLDER = Path(__file__).resolve().parents[1] / "stubs"

HEADER = '''\
"""Written by `make sql` from sql/ and the schema; edit those."""

'''
IMPORTS = """\
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query
"""

# What a column of a type is in Python, and what is taken for a parameter: the query module sends texts.
PYTHON = {
    "bool": ("bool", "bool"),
    "bytea": ("bytes", "bytes"),
    "date": ("date", "date | str"),
    "float4": ("float", "float"),
    "float8": ("float", "float"),
    "inet": ("IPv4Address | IPv4Interface | IPv6Address | IPv6Interface", "str"),
    "int2": ("int", "int"),
    "int4": ("int", "int"),
    "int8": ("int", "int"),
    "interval": ("timedelta", "timedelta | str"),
    "json": ("Any", "Any"),
    "jsonb": ("Any", "Any"),
    "name": ("str", "str"),
    "numeric": ("Decimal", "Decimal | int"),
    "oid": ("int", "int"),
    "pg_lsn": ("str", "str"),
    "text": ("str", "str"),
    "time": ("time", "time | str"),
    "timestamptz": ("datetime", "datetime | str"),
    "uuid": ("UUID", "UUID | str"),
    "xid8": ("str", "int | str"),
}


def make(
    connection: psycopg.Connection[Any],
    found: Iterable[Query[Any]],
    first: Sequence[Bound[Any, Any]],
) -> dict[str, str]:
    """The text of each stub file by its name; `first` is what each query is explained after."""
    areas: dict[str, list[Described]] = {}
    for query in found:
        area = query.name.partition(".")[0]
        areas.setdefault(area, []).append((query, describe(connection, query, first)))
    files = {f"{area}.pyi": _area(area, described) for area, described in areas.items()}
    imports = "".join(f"from service.stubs.{area} import {_camel(area)}\n" for area in areas)
    attributes = "".join(f"    {area}: {_camel(area)}\n" for area in areas)
    files["__init__.pyi"] = f"{HEADER}{imports}\nclass Queries:\n{attributes}"
    return files


def stale(files: Mapping[str, str], folder: Path = FOLDER) -> list[str]:
    """The names of files that are not as they should be."""
    there = {path.name: path.read_text("utf-8") for path in folder.glob("*.pyi")}
    return sorted(
        name for name in files.keys() | there.keys() if files.get(name) != there.get(name)
    )


def write(files: Mapping[str, str], folder: Path = FOLDER) -> list[Path]:
    """Makes the files in the folder these; which were changed, added or removed."""
    folder.mkdir(exist_ok=True)
    changed = [folder / name for name in stale(files, folder)]
    for path in changed:
        if path.name in files:
            path.write_text(files[path.name], "utf-8")
        else:
            path.unlink()
    return changed


def _area(area: str, described: list[Described]) -> str:
    parts = [_query(query, description) for query, description in described]
    names = [query.name.partition(".")[2] for query, _ in described]
    attributes = "".join(f"    {name}: {_camel(name)}\n" for name in names)
    return "\n".join([HEADER + IMPORTS, *parts, f"class {_camel(area)}:\n{attributes}"])


def _query(query: Query[Any], description: Description) -> str:
    name = _camel(query.name.partition(".")[2])
    cardinality = f'Literal["{query.cardinality}"]'
    row = "None"
    text = ""
    if query.cardinality not in ("rowcount", "exec"):
        named = query.row if query.row and not query.row.goes_on else None
        row = f"{_camel(named.name) if named else name}Row"
        if named is None or named.is_original:
            fields = "".join(f"    {c.name}: {_returned(c)}\n" for c in description.columns)
            text = f"class {row}(NamedTuple):\n{fields}\n"
    taken = "".join(
        f"        {parameter.name}: {_taken(parameter, description.parameters[parameter.name])},\n"
        for parameter in query.parameters.values()
        if parameter.name != "tenant_id"
    )
    parameters = f"\n        self,\n        *,\n{taken}    " if taken else "self"
    return text + (
        f"class {name}(Query[{cardinality}]):\n"
        f'    """{query.purpose}"""\n\n'
        f"    def __call__({parameters}) -> Bound[{cardinality}, {row}]: ...\n"
    )


def _returned(column: Column) -> str:
    return _python(column.type, 0) + (" | None" if column.nullable else "")


def _taken(parameter: Parameter, type_: str) -> str:
    return _python(type_, 1) + (" | None" if parameter.nullable else "")


def _python(type_: str, way: int) -> str:
    element = type_.removesuffix("[]")
    # A type that is not in the list would get a wrong annotation: it must be added.
    python = PYTHON[element][way]
    if element == type_:
        return python
    return f"Sequence[{python}]" if way else f"list[{python}]"


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
