"""The rows that several queries return: `-- row: job` says that a list of columns is the one of the row's original.

A list is written out in each file, so that each can be read and run as it is. Here the lists are compared, with the
original and with the schema by which an operation documents the row.
"""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from marshmallow import Schema, fields

from service.queries import Query
from service.queries.describe import Column
from service.queries.findings import Finding
from service.queries.query import RowName

FEW = 3  # columns; fewer may be the same without a name

# What a schema has for a column, by its type; of json it may be anything.
FIELDS: Mapping[str, type[fields.Field[Any]]] = {
    "bool": fields.Boolean,
    "date": fields.Date,
    "float4": fields.Float,
    "float8": fields.Float,
    "int2": fields.Integer,
    "int4": fields.Integer,
    "int8": fields.Integer,
    "numeric": fields.Number,
    "text": fields.String,
    "timestamptz": fields.AwareDateTime,
    "uuid": fields.UUID,
}

Described = Mapping[str, tuple[Column, ...]]  # the columns of each query, by its name


def wrong_rows(
    queries: Mapping[str, Query[Any]], described: Described, returned: Mapping[str, Schema]
) -> Iterator[Finding]:
    """Lists that are not those of their row's original, or not those of the schema that an operation returns for it.

    `returned` are the schemas that operations return, by their names.
    """
    originals = originals_of(queries)
    for query in queries.values():
        if query.row is None or query.name not in described:
            continue
        original = originals.get((query.area, query.row.name))
        problem = _wrong_row(query, query.row, original, described, returned)
        if problem is not None:
            header = query.source.split("\n")
            line = next(n for n, text in enumerate(header, 1) if text.startswith("-- row:"))
            yield Finding(query.path, line, "error", f"row {query.row.name}: {problem}")
    yield from _nameless(queries, described)


def _wrong_row(
    query: Query[Any],
    row: RowName,
    original: Query[Any] | None,
    described: Described,
    returned: Mapping[str, Schema],
) -> str | None:
    if original is None:
        return "no query of the area is `the original`"
    if original is query:
        return _unlike_schema(row.name, described[query.name], returned)
    if row.is_original:
        return f"{original.path} is the original already"
    if original.name not in described:
        return None
    columns = described[query.name]
    if row.goes_on:
        columns = columns[: len(described[original.name])]
    difference = _difference(columns, described[original.name])
    return difference and f"{difference}, unlike in {original.path}"


def originals_of(queries: Mapping[str, Query[Any]]) -> dict[tuple[str, str], Query[Any]]:
    """The original of each row, by its area and its name; the first, if there are more."""
    originals: dict[tuple[str, str], Query[Any]] = {}
    for query in queries.values():
        if query.row is not None and query.row.is_original:
            originals.setdefault((query.area, query.row.name), query)
    return originals


def _difference(columns: tuple[Column, ...], others: tuple[Column, ...]) -> str | None:
    """The first difference of a list from another, in words."""
    for column, other in zip_longest(columns, others):
        if column is None:
            return f"{other.name} is missing"
        if other is None or column.name != other.name:
            return f"{column.name} is not in the list, or not at this place"
        if _type(column) != _type(other):
            return f"{column.name} is {_type(column)}"
        if column.source and other.source and column.source != other.source:
            return f"{column.name} is {column.source}"
    return None


def _type(column: Column) -> str:
    return f"{column.type} NULL" if column.nullable else column.type


def _unlike_schema(
    row: str, columns: tuple[Column, ...], returned: Mapping[str, Schema]
) -> str | None:
    """How the row differs from the schema that an operation returns under its name."""
    name = "".join(word.capitalize() for word in row.split("_"))
    schema = returned.get(name)
    if schema is None:
        return f"no operation returns a schema {name}"
    known = {field.data_key or key: field for key, field in schema.fields.items()}
    for column in columns:
        field = known.pop(column.name, None)
        if field is None:
            return f"{name} does not have {column.name}"
        if column.nullable and field.required and not field.allow_none:
            return f"{column.name} may be NULL, and in {name} it may not"
        if not _fits(field, column.type):
            return f"{column.name} is {column.type}, and in {name} {type(field).__name__}"
    return f"{name} also has {', '.join(known)}" if known else None


def _fits(field: fields.Field[Any], type_: str) -> bool:
    if type_.endswith("[]"):
        return isinstance(field, fields.List)
    if type_ in ("json", "jsonb"):
        return True
    # A UUID is a String to marshmallow, and so are others that PostgreSQL has as text.
    is_uuid = isinstance(field, fields.UUID)
    return isinstance(field, FIELDS.get(type_, fields.String)) and is_uuid == (type_ == "uuid")


def _nameless(queries: Mapping[str, Query[Any]], described: Described) -> Iterator[Finding]:
    """Queries of an area that return the same columns and do not say that they do."""
    known: dict[tuple[Any, ...], Query[Any]] = {}
    for query in queries.values():
        columns = described.get(query.name, ())
        shape = (query.area, *((column.name, _type(column)) for column in columns))
        if len(columns) < FEW or (query.row and query.row.goes_on):
            continue
        other = known.setdefault(shape, query)
        if other is not query and None in (query.row, other.row):
            nameless, same = (query, other) if query.row is None else (other, query)
            message = f"returns the columns of {same.path}: say `-- row: name` in both"
            yield Finding(nameless.path, 1, "error", message)
