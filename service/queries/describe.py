"""What the server says about a query: the types of its parameters and columns, and which columns can be NULL.

A column is never NULL if it is a NOT NULL column of a table, and that table is on no side of an outer join that
may stay empty, as the plan shows. Every other column may be: an expression's NULLs nobody knows but its author,
who says `-- not null: name` in the header.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from service.queries.plans import Node, explain, tables_read, tables_written
from service.queries.query import Bound, Parameter, Query

# The child of a join whose rows may be missing, by the word in the join's name.
EMPTY_SIDES = {"Left Join": ("Inner",), "Right Join": ("Outer",), "Full Join": ("Outer", "Inner")}

# The columns behind a statement's result, which the server describes by table and number only.
COLUMNS = """
SELECT
    a.attrelid AS table_id,
    a.attnum AS number,
    n.nspname || '.' || c.relname AS table_name,
    a.attname AS column_name,
    a.attnotnull AS is_not_null
FROM unnest($1::oid [], $2::int2 []) AS wanted (table_id, number)
INNER JOIN pg_attribute AS a
    ON a.attrelid = wanted.table_id
    AND a.attnum = wanted.number
INNER JOIN pg_class AS c ON c.oid = a.attrelid
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
"""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str  # as PostgreSQL names it, in short: int8, timestamptz, text[]
    nullable: bool
    source: str | None  # schema.table.column, unless it is an expression


@dataclass(frozen=True, slots=True)
class Description:
    parameters: dict[str, str]  # types, by name
    columns: tuple[Column, ...]
    plan: Node


def describe(
    connection: psycopg.Connection[Any], query: Query[Any], first: Sequence[Bound[Any, Any]]
) -> Description:
    """The query as the server understands it after `first`. Raises psycopg.Error where it does not fit the schema."""
    described = _described(connection, query.text)
    sources = _sources(connection, described)
    plan = explain(connection, query, first)
    uncertain = tables_that_may_be_missing(plan)
    columns = []
    for number, source in enumerate(sources):
        name = (described.fname(number) or b"").decode()
        nullable = source is None or not source.is_not_null or source.table in uncertain
        columns.append(
            Column(
                name=name,
                type=type_name(connection, described.ftype(number)),
                nullable=nullable and name not in query.not_null,
                source=f"{source.table}.{source.column}" if source else None,
            )
        )
    types = [type_name(connection, described.param_type(n)) for n in range(described.nparams)]
    return Description(dict(zip(query.parameters, types, strict=True)), tuple(columns), plan)


def misfit(
    connection: psycopg.Connection[Any], parameter: Parameter, value: str | None
) -> str | None:
    """What the server says against a value for the parameter. A transaction under way goes on."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(f"SELECT $1::{parameter.type}", [value])
    except psycopg.Error as error:
        if connection.broken:
            raise
        return message(error)
    return None


def message(error: psycopg.Error) -> str:
    """What the server says, or the driver before it gets there."""
    return error.diag.message_primary or str(error)


def tables_that_may_be_missing(plan: Node) -> set[str]:
    """The tables whose columns an outer join may fill with NULLs."""
    ctes = {node.name: node for node in plan.walk() if node.name and node.role == "InitPlan"}

    def tables(node: Node) -> set[str]:
        relations = tables_read(node) | tables_written(node)
        for scan in node.walk():
            if scan.type == "CTE Scan" and (cte := ctes.pop(f"CTE {scan.relation}", None)):
                relations |= tables(cte)
        return relations

    missing = set()
    for join in plan.walk():
        sides = next((sides for word, sides in EMPTY_SIDES.items() if join.type.endswith(word)), ())
        for child in join.children:
            if child.role in sides:
                missing |= tables(child)
    return missing


def type_name(connection: psycopg.Connection[Any], oid: int) -> str:
    """The short name of a type, `int8` or `text[]`."""
    info = connection.adapters.types.get(oid)
    if info is None:
        return f"type {oid}"
    return f"{info.name}[]" if oid == info.array_oid else info.name


@dataclass(frozen=True, slots=True)
class _Source:
    table: str
    column: str
    is_not_null: bool


def _described(connection: psycopg.Connection[Any], text: str) -> psycopg.pq.abc.PGresult:
    server = connection.pgconn
    for result in (server.prepare(b"", text.encode()), server.describe_prepared(b"")):
        if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result)
    return result


def _sources(
    connection: psycopg.Connection[Any], described: psycopg.pq.abc.PGresult
) -> list[_Source | None]:
    """Of each column of the result the column of a table that it is; None for an expression."""
    places = [(described.ftable(n), described.ftablecol(n)) for n in range(described.nfields)]
    if not any(table for table, _ in places):
        return [None] * len(places)
    tables, numbers = zip(*places, strict=True)
    with psycopg.RawCursor(connection) as cursor:
        nullable = {
            (table_id, number): _Source(table, column, is_not_null)
            for table_id, number, table, column, is_not_null in cursor.execute(
                COLUMNS, [list(tables), list(numbers)]
            )
        }
    return [nullable.get(place) for place in places]
