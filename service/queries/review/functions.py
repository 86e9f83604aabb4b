"""The functions of the schema, as the catalog has them: those that a migration generates, too."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any

import psycopg
from pglast import ast, parse_plpgsql, parse_sql
from pglast.parser import ParseError
from psycopg.rows import namedtuple_row

from service.queries.review.syntax import descendants, nodes_in

# Not those of extensions.
FUNCTIONS = """
SELECT
    n.nspname || '.' || p.proname AS name,
    p.prorettype = 'trigger'::regtype AS is_trigger,
    l.lanname AS language,
    p.prosrc AS source,
    EXISTS (SELECT FROM unnest(p.proconfig) AS c (setting) WHERE c.setting LIKE 'app.%') AS is_setting,
    pg_get_functiondef(p.oid) AS definition
FROM pg_proc AS p
INNER JOIN pg_namespace AS n ON n.oid = p.pronamespace
INNER JOIN pg_language AS l ON l.oid = p.prolang
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND l.lanname IN ('sql', 'plpgsql')
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    )
ORDER BY name, p.oid
"""

# What PL/pgSQL hands on to SQL; all else that it does is an assignment.
STATEMENT, EXPRESSION = 0, 2
ASSIGNED = re.compile(r"[^=]*?:?=")

# To its parser, which knows no tables, what has the type of a table's rows is any record.
RETURNED_ROW = re.compile(r"^( RETURNS (?:SETOF )?)\w+\.\w+$", re.MULTILINE)
DECLARATIONS = re.compile(r"^\s*DECLARE$.*?^\s*BEGIN$", re.MULTILINE | re.DOTALL)
ROW_TYPE = re.compile(r"^(\s+\w+(?: CONSTANT)?) \w+\.\w+(?=;| :=)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """A statement or an expression."""

    line: int  # of the body, as PostgreSQL counts in its messages
    node: ast.Node


@dataclass(frozen=True, slots=True)
class Function:
    name: str  # with its schema
    language: str
    is_trigger: bool
    is_setting: bool  # of the service, by `SET app.... = ...`
    source: str
    parts: tuple[Part, ...]
    variables: frozenset[str]
    problem: str | None = None  # why it could not be read

    def says(self, what: str) -> bool:
        """Whether a comment says `-- what: why`."""
        return re.search(rf"^\s*-- {what}: \S", self.source, re.MULTILINE) is not None


def read_functions(connection: psycopg.Connection[Any]) -> list[Function]:
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        return [_read(row) for row in cursor.execute(FUNCTIONS).fetchall()]


def using(functions: Sequence[Function], names: Set[str]) -> frozenset[str]:
    """The functions that use one of the tables or functions, by themselves or by what they call."""
    found: set[str] = set()
    uses = {function.name: set(_used(function)) for function in functions}
    while more := {name for name, used in uses.items() if used & (names | found)} - found:
        found |= more
    return frozenset(found)


def called(node: ast.Node) -> str | None:
    """The function that the node calls, with its schema if that is named; PostgreSQL's own without."""
    match node:
        case ast.FuncCall(funcname=tuple(names)):
            return ".".join(name.sval for name in names).removeprefix("pg_catalog.")
    return None


def _used(function: Function) -> Iterator[str]:
    for node in (node for part in function.parts for node in descendants(part.node)):
        match node:
            case ast.RangeVar(schemaname=str(schema), relname=table):
                yield f"{schema}.{table}"
            case ast.FuncCall():
                yield called(node) or ""


def _read(row: Any) -> Function:
    read = _plpgsql if row.language == "plpgsql" else _sql
    known = (row.name, row.language, row.is_trigger, row.is_setting, row.source)
    try:
        return Function(*known, *read(row))
    except ParseError as error:
        return Function(*known, (), frozenset(), problem=str(error.args[0]))


def _sql(row: Any) -> tuple[tuple[Part, ...], frozenset[str]]:
    # A body that is a string is the source; another is part of the definition only.
    statements = _statements(row.source or row.definition)
    return tuple(Part(1, node) for node in statements), frozenset()


def _plpgsql(row: Any) -> tuple[tuple[Part, ...], frozenset[str]]:
    def as_records(declarations: re.Match[str]) -> str:
        return ROW_TYPE.sub(r"\1 record", declarations[0])

    definition = RETURNED_ROW.sub(r"\1record", row.definition, count=1)
    [tree] = parse_plpgsql(DECLARATIONS.sub(as_records, definition))
    function = tree["PLpgSQL_function"]
    declared = (value for datum in function["datums"] for value in datum.values())
    names = {value["refname"] for value in declared if "refname" in value}
    return tuple(_parts(function, 1)), frozenset({*names, row.name.partition(".")[2]})


def _parts(value: Any, line: int) -> Iterator[Part]:
    if isinstance(value, list):
        for element in value:
            yield from _parts(element, line)
    elif isinstance(value, dict):
        if "query" in value and "parseMode" in value:
            text = _as_statement(value["query"], value["parseMode"])
            yield from (Part(line, node) for node in _statements(text))
        for element in value.values():
            yield from _parts(element, value.get("lineno", line))


def _as_statement(text: str, mode: int) -> str:
    if mode == STATEMENT:
        return text
    return f"SELECT {text if mode == EXPRESSION else ASSIGNED.sub('', text, count=1)}"


def _statements(text: str) -> Iterator[ast.Node]:
    yield from nodes_in(tuple(raw.stmt for raw in parse_sql(text)))
