"""A query: a reviewed statement in a file, parsed, and bound to its arguments.

A file holds one statement under a header:

    -- name: drafts.list_drafts :page
    -- Why the query exists, for whoever reads or tunes it.
    -- row: draft
    -- single: why there is at most one row, where no unique key says so
    -- replica: why an answer that is a little old will do
    -- scan: operations.epochs: why it is read without an index
    -- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
    -- param: reason    text NULL = NULL
    -- param: after_id  uuid      = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    -- param: limit     int       = 30
    -- not null: is_late, is_own

Only the name, a reason and each parameter are required. `row` names columns that several queries return: `, the
original` stands behind it in the file whose list the others follow, `, and more` where other columns come after
them. The sample after `=` feeds psql, EXPLAIN, the documentation and the tests. `not null` names result columns of
which the server does not say so. It gets the statement with its name as a comment and each `:name` as a typed `$n`,
otherwise as it was reviewed. For HTTP the statement is wrapped so that PostgreSQL itself builds the JSON
(`Query.json_text`).

In a `:page` query the parameters named `after_<column>` are the keyset, in the order of ORDER BY; their
samples are the sentinels with which the first page starts. The statement fetches `:limit + 1` rows. What is left
of its parameters are filters; one that may be NULL can be left out.
"""

import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import UUID

from service.queries.lexer import LexError, tokens

T = TypeVar("T")
# A cardinality, as a literal type, and the named tuple of a row. The stubs know both for each query.
C = TypeVar("C", bound=str, covariant=True)
Row = TypeVar("Row", bound="tuple[Any, ...] | None", covariant=True)

CARDINALITIES = ("one", "maybe", "many", "page", "rowcount", "exec")
STATEMENTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "VALUES")
WRITING = ("INSERT", "UPDATE", "DELETE", "MERGE")
# The only function of ours that is known to write nothing.
SETTING = ["operations", ".", "set_local"]
NAME = re.compile(r"-- name: (?P<name>\w+\.\w+) :(?P<cardinality>\w+)\s*")
PARAM = re.compile(
    r"-- param: (?P<name>\w+)\s+(?P<type>\S.*?)(?P<null>\s+NULL)?\s+= (?P<sample>.*\S)\s*"
)
NOT_NULL = re.compile(r"-- not null: (?P<names>\w+(, \w+)*)\s*")
SCAN = re.compile(r"-- scan: (?P<table>\w+\.\w+): (?P<reason>.*\S)\s*")
ROW = re.compile(r"-- row: (?P<name>\w+)(?P<how>, the original|, and more)?\s*")
REASON = re.compile(r"-- (?P<what>single|replica): (?P<reason>.*\S)\s*")


class QueryError(Exception):
    """A file that is not a query (the text starts with file and line), or a call that does not fit one."""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str  # as PostgreSQL names it
    nullable: bool
    sample: str  # an SQL literal
    line: int  # in the file

    @property
    def sample_value(self) -> str | None:
        """The sample as an argument."""
        if self.sample.upper() == "NULL":
            return None
        if self.sample.startswith("'"):
            return self.sample[1:-1].replace("''", "'")
        return self.sample


@dataclass(frozen=True, slots=True)
class RowName:
    """What the columns of a query are called, which others return too."""

    name: str
    is_original: bool  # the list that the others follow
    goes_on: bool  # more columns come after them


@dataclass(frozen=True, slots=True)
class Query(Generic[C]):
    name: str
    cardinality: C
    purpose: str
    single: str | None  # why there is at most one row
    replica: str | None  # why a replica may answer
    scans: Mapping[str, str]  # why a table is read without an index
    parameters: Mapping[str, Parameter]
    argument_names: frozenset[str]  # of all parameters but the tenant
    page_keys: tuple[str, ...]  # of a `:page` query, in the order of its ORDER BY
    order: str  # of a `:page` query: asc, desc
    filters: frozenset[str]  # of a `:page` query: the parameters by which its rows are chosen
    required: frozenset[str]  # of the filters: those that are not NULL
    row: RowName | None
    not_null: frozenset[str]  # columns that are never NULL, though the server does not say so
    may_write: bool  # as its words tell: it does, or locks rows, or calls what perhaps does
    path: Path
    source: str  # the file, as psql runs it
    first_line: int  # of the statement in the file, from 1
    text: str  # for rows
    json_text: str  # for one row of JSON, see wrap()
    lines_text: str  # for a row of JSON per row

    @property
    def area(self) -> str:
        return self.name.partition(".")[0]

    def __call__(self, **arguments: Any) -> "Bound[C, Any]":
        """The query with its arguments; strict, so that a misspelt name is not a NULL.

        `tenant_id` is none of them: it comes from the caller's credential, when the query runs.
        """
        if arguments.keys() != self.argument_names:
            missing = sorted(self.argument_names - arguments.keys())
            unknown = sorted(arguments.keys() - self.argument_names)
            raise QueryError(f"{self.name}: missing arguments {missing}, unknown {unknown}")
        return Bound(self, arguments)


@dataclass(frozen=True, slots=True)
class Bound(Generic[C, Row]):
    """A query with its arguments, to be run for some tenant."""

    query: Query[C]
    arguments: Mapping[str, Any]

    def values(self, tenant_id: str) -> list[Any]:
        """The arguments in the order of `$1, $2, ...`."""
        given = {**self.arguments, "tenant_id": tenant_id}
        return [
            None if (value := given[name]) is None else encode(value, parameter.type)
            for name, parameter in self.query.parameters.items()
        ]


def _in_json(value: Any) -> str:
    """What a row in JSON has, but JSON has not."""
    if isinstance(value, UUID | date):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def encode(value: Any, type_: str) -> Any:
    """The text form, whatever Python type came in.

    The statement says the type (`$1::bigint`); so it is prepared once, and not once per Python type.
    """
    if isinstance(value, bytes):
        return value
    if type_ in ("json", "jsonb"):
        return json.dumps(value, ensure_ascii=False, default=_in_json)
    if isinstance(value, list | tuple):
        of = type_.removesuffix("[]")
        return [None if element is None else encode(element, of) for element in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def page_keys(parameters: Mapping[str, Parameter]) -> tuple[str, ...]:
    return tuple(name.removeprefix("after_") for name in parameters if name.startswith("after_"))


def parse(source: str, name: str, path: Path) -> Query[Any]:
    """The query in a file's text. `name` is what its path says, `area.query`."""
    try:
        return _parse(source, name, path)
    except (QueryError, LexError) as error:
        raise QueryError(f"{path}:{error}") from None


def _parse(source: str, name: str, path: Path) -> Query[Any]:
    lines = source.split("\n")  # not splitlines(), which breaks at U+2028 and others as well
    header = list(itertools.takewhile(lambda line: line.startswith("--"), lines))
    title = NAME.fullmatch(header[0]) if header else None
    if title is None:
        raise QueryError("1: the first line is not `-- name: area.query :cardinality`")
    if title["name"] != name:
        raise QueryError(f"1: the name is {title['name']}, but the path says {name}")
    if title["cardinality"] not in CARDINALITIES:
        raise QueryError(f"1: :{title['cardinality']} is not one of {', '.join(CARDINALITIES)}")
    parameters: dict[str, Parameter] = {}
    not_null: frozenset[str] = frozenset()
    scans: dict[str, str] = {}
    reasons: dict[str, str] = {}
    row: RowName | None = None
    purpose: list[str] = []
    for number, line in enumerate(header[1:], start=2):
        try:
            if line.startswith("-- param:"):
                matched = _matched(PARAM, line, "-- param: name type = sample")
                _add(
                    parameters,
                    matched["name"],
                    Parameter(
                        matched["name"],
                        matched["type"],
                        bool(matched["null"]),
                        matched["sample"],
                        number,
                    ),
                )
            elif line.startswith("-- not null:"):
                matched = _matched(NOT_NULL, line, "-- not null: column, column")
                not_null |= set(matched["names"].split(", "))
            elif line.startswith("-- scan:"):
                matched = _matched(SCAN, line, "-- scan: schema.table: reason")
                _add(scans, matched["table"], matched["reason"])
            elif line.startswith("-- row:"):
                matched = _matched(ROW, line, "-- row: name")
                if row is not None:
                    raise QueryError("a second row")
                how = matched["how"] or ""
                row = RowName(matched["name"], "original" in how, "more" in how)
            elif line.startswith(("-- single:", "-- replica:")):
                matched = _matched(REASON, line, f"{line.partition(':')[0]}: reason")
                _add(reasons, matched["what"], matched["reason"])
            else:
                purpose.append(line.removeprefix("--").strip())
        except QueryError as error:
            raise QueryError(f"{number}: {error}") from None
    if not any(purpose):
        raise QueryError("1: the header does not say why the query exists")

    body = "\n" * len(header) + "\n".join(lines[len(header) :])
    ctes, main, order, may_write = _statement(body, parameters)
    filters = (
        frozenset(parameters)
        - {"tenant_id", "limit"}
        - {f"after_{key}" for key in page_keys(parameters)}
    )
    return Query(
        name=name,
        cardinality=title["cardinality"],
        purpose=" ".join(purpose).strip(),
        single=reasons.get("single"),
        replica=reasons.get("replica"),
        scans=scans,
        parameters=parameters,
        argument_names=frozenset(parameters) - {"tenant_id"},
        page_keys=page_keys(parameters),
        order=order,
        row=row,
        filters=filters,
        required=frozenset(name for name in filters if not parameters[name].nullable),
        not_null=not_null,
        may_write=may_write,
        path=path,
        source=source,
        first_line=body[: len(body) - len(body.lstrip())].count("\n") + 1,
        text=named(name, f"{ctes}{main}"),
        json_text=named(name, wrap(ctes, main, title["cardinality"], parameters)),
        lines_text=named(
            name, f"{as_result(ctes, main)} SELECT to_json(result)::text AS line FROM result"
        ),
    )


def _matched(pattern: re.Pattern[str], line: str, form: str) -> re.Match[str]:
    matched = pattern.fullmatch(line)
    if matched is None:
        raise QueryError(f"the line is not `{form}`")
    return matched


def _add(declared: dict[str, T], name: str, value: T) -> None:
    if name in declared:
        raise QueryError(f"{name} is declared twice")
    declared[name] = value


def _statement(body: str, parameters: Mapping[str, Parameter]) -> tuple[str, str, str, bool]:
    """The statement with `$n` for `:name`: its WITH clause, its main part, in which order that is, and whether it may
    write.
    """
    places = {name: f"${n}::{p.type}" for n, (name, p) in enumerate(parameters.items(), start=1)}
    parts: list[str] = []
    main_at, depth, begun, ended, used = None, 0, False, False, set()
    order, may_write, before = "asc", False, ["", "", ""]
    for token in tokens(body):
        if token.kind in ("comment", "space"):
            parts.append(token.text)
            continue
        if ended:
            raise QueryError(f"{token.line}: a second statement begins")
        if token.text == ";" and depth == 0:
            ended = True
            continue
        # A function of ours is called by its schema.
        calls_ours = token.text == "(" and before[1] == "." and before != SETTING
        may_write |= calls_ours or token.text.upper() in WRITING
        before = [*before[1:], token.text]
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0 and main_at is None and token.text.upper() in STATEMENTS:
            main_at = len(parts) if begun else 0  # comments before it are no WITH clause
        begun = True
        if depth == 0 and token.text.upper() == "DESC":
            order = "desc"
        if token.kind != "parameter":
            parts.append(token.text)
            continue
        name = token.text[1:]
        if name not in places:
            raise QueryError(f"{token.line}: parameter {name} is not declared")
        used.add(name)
        parts.append(places[name])
    if main_at is None:
        raise QueryError(f"1: the statement is not {', '.join(STATEMENTS)}")
    if unused := sorted(parameters.keys() - used):
        raise QueryError(f"1: parameters are not used: {', '.join(unused)}")
    return "".join(parts[:main_at]).lstrip(), "".join(parts[main_at:]).strip(), order, may_write


def named(name: str, statement: str) -> str:
    """The statement with its name where each of PostgreSQL's views and logs keeps it.

    pg_stat_activity cuts a statement off at its end, pg_stat_statements at its beginning: from PostgreSQL 18 on
    it leaves out a comment before the first word.
    """
    return f"/* {name} */ {statement}\n/* {name} */"


def as_result(ctes: str, main: str, as_: str = "AS") -> str:
    """The statement with its main part as a last common table expression, `result`."""
    return (f"{ctes.rstrip()}\n, " if ctes else "WITH ") + f"result {as_} (\n{main}\n)"


def wrap(ctes: str, main: str, cardinality: str, parameters: Mapping[str, Parameter]) -> str:
    """The statement as one that answers with a single row of JSON, built by PostgreSQL.

    one, maybe: the row as an object, and its revision or NULL; no row if there is none.
    page: the rows as an array, the keys of the last one as an array, and at the end whether more follow.
    others: the rows as an array, and NULL.
    The third column is how many rows there are.
    """
    start = as_result(ctes, main)
    if cardinality in ("one", "maybe"):
        return (
            f"{start}, document AS MATERIALIZED (SELECT to_json(result) AS body FROM result) "
            "SELECT body, body ->> 'revision' AS revision, 1 AS rows FROM document"
        )
    if cardinality == "page":
        limit = f"${list(parameters).index('limit') + 1}::int"
        of_the_last = ", ".join(
            f"(array_agg(result.{key}))[least(count(*), {limit})]" for key in page_keys(parameters)
        )
        # In the order of the statement: PostgreSQL aggregates rows as they come. Materialized, a row is taken as it is
        # and not made anew from its columns.
        rows = as_result(ctes, main, "AS MATERIALIZED")
        return (
            f"{rows} SELECT coalesce(array_to_json((array_agg(result))[1 : {limit}]), '[]') AS body, "
            f"CASE WHEN count(*) > 0 THEN json_build_array({of_the_last}) END AS last_keys, "
            f"least(count(*), {limit}) AS rows, count(*) > {limit} AS more FROM result"
        )
    return (
        f"{start}, numbered AS (SELECT to_json(result) AS item, row_number() OVER () AS n FROM result) "
        "SELECT coalesce(json_agg(item ORDER BY n), '[]') AS body, NULL AS revision, "
        "count(*) AS rows FROM numbered"
    )
