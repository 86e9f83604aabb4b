"""What of the schema does not fit shards, as the catalog has it: functions, defaults of columns, and privileges."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from pglast import ast

from service.queries import ROOT
from service.queries.findings import Finding
from service.queries.review.functions import Function, called, using
from service.queries.review.schema import Schema, rows, where_defined, where_named
from service.queries.review.sharding import (
    answers,
    broken,
    other_tenants,
    settings,
    snapshots,
    unfit,
)
from service.queries.review.syntax import Problem, descendants, levels, parse, uncast

# The function that puts a setting where the other servers see it.
SETS = "operations.set_local"

# Of the column, or else of its domain.
DEFAULTS = """
SELECT
    n.nspname || '.' || c.relname AS table_name,
    a.attname AS column_name,
    coalesce(pg_get_expr(d.adbin, d.adrelid), pg_get_expr(t.typdefaultbin, 0)) AS expression
FROM pg_attribute AS a
INNER JOIN pg_class AS c ON c.oid = a.attrelid
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
INNER JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p')
    AND NOT c.relispartition
    AND coalesce(d.adbin, t.typdefaultbin) IS NOT NULL
ORDER BY table_name, a.attnum
"""

COLUMN_PRIVILEGES = """
SELECT
    n.nspname || '.' || c.relname AS table_name,
    a.attname AS column_name
FROM pg_attribute AS a
INNER JOIN pg_class AS c ON c.oid = a.attrelid
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE a.attacl IS NOT NULL
ORDER BY table_name, a.attnum
"""


def wrong_functions(functions: Iterable[Function], schema: Schema) -> Iterator[Finding]:
    """What of them does not fit shards, by their names and the lines of their bodies."""
    for function in functions:
        for line, message in dict.fromkeys(_problems(function, schema)):
            yield Finding(Path(function.name), line, "error", message)


def wrong_tables(
    connection: psycopg.Connection[Any],
    schema: Schema,
    migrations: Path = ROOT.parent / "migrations",
) -> Iterator[Finding]:
    """Defaults of tenants' tables that the coordinator evaluates, and privileges that do not reach the shards."""
    for row in rows(connection, DEFAULTS):
        if row.table_name in schema.tenant_columns:
            calls = map(called, descendants(parse(f"SELECT {row.expression}")))
            if not schema.answering.isdisjoint(calls):
                message = f"the default of {row.column_name}: set it in a trigger BEFORE INSERT"
                path, line = where_defined(row.table_name, row.column_name, migrations)
                yield Finding(path, line, "error", f"{row.table_name}: {broken(22, message)}")
    for row in rows(connection, COLUMN_PRIVILEGES):
        if row.table_name in schema.types:
            message = f"a privilege on {row.column_name}: grant it on the table"
            path, line = where_named(f"CREATE TABLE {row.table_name}", migrations)
            yield Finding(path, line, "error", f"{row.table_name}: {broken(27, message)}")


def _problems(function: Function, schema: Schema) -> Iterator[tuple[int, str]]:
    if function.problem is not None:
        yield 1, f"cannot be read: {function.problem}"
    if function.language == "sql" and using([function], schema.types.keys()):
        yield 1, broken(23, "a function in SQL that reads tables: write it in PL/pgSQL")
    for part in function.parts:
        for _, message in _problems_of(part.node, function, schema):
            yield part.line, message


def _problems_of(statement: ast.Node, function: Function, schema: Schema) -> Iterator[Problem]:
    # A trigger runs where its row is: what is read, locked or set there is that of the right server.
    if function.name != SETS and not (function.is_trigger and function.says("set_config")):
        yield from settings(statement)
    if not function.is_trigger:
        if not function.says("snapshot"):
            yield from snapshots(statement, schema)
        yield from answers(statement, schema, function.variables)
    yield from unfit(statement, schema, function.variables)
    if not function.says("all tenants"):
        is_tenant = partial(_is_tenant, function.variables)
        for level, ctes in levels(statement):
            yield from other_tenants(level, ctes, schema, is_tenant, "<variable>")


def _is_tenant(variables: frozenset[str], value: ast.Node | None) -> bool:
    """Whether the value is a variable, or the first of several."""
    match uncast(value):
        case ast.ColumnRef(fields=(ast.String(sval=name), *_)):
            return name in variables
        case ast.CoalesceExpr(args=tuple(args)):
            return all(_is_tenant(variables, argument) for argument in args)
    return False
