"""The query module: finds, parses, checks and binds the reviewed statements in `sql/<area>/<query>.sql`.

A file holds one statement under a header:

    -- name: drafts.list_drafts :page
    -- Why the query exists, for whoever reads or tunes it.
    -- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
    -- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    -- param: limit     int  = 30

The sample after `=` feeds psql, EXPLAIN, the documentation and the tests. The server gets the statement with
its name as a first comment and each `:name` as a typed `$n`, otherwise as it was reviewed. For HTTP the
statement is wrapped so that PostgreSQL itself builds the JSON (`Query.json_text`).

In a `:page` query the parameters named `after_<column>` are the keyset, in the order of ORDER BY; their
samples are the sentinels with which the first page starts. The statement fetches `:limit + 1` rows.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parent.parent / "sql"

CARDINALITIES = ("one", "maybe", "many", "page", "value", "rowcount", "exec")
STATEMENTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "VALUES")
# Words after which an operand follows, where a name would be one.
PREFIXES = ("ARRAY", "CASE", "WHEN", "THEN", "ELSE", "AND", "OR", "NOT")

# PostgreSQL's scanner, as far as a colon can hide in its tokens. Every character from U+0080 on may be part
# of an identifier; white space is ASCII only.
LETTER = r"[A-Za-z_\u0080-\U0010ffff]"
TOKEN = re.compile(
    rf"""
      (?P<comment>   --[^\n\r]* | /\* )
    | (?P<escaped>   [eE]'(?:[^'\\]|\\.|'')*'
                     # goes on after a line break, still with backslashes
                     (?:(?:[ \t\f\v]|--[^\n\r]*+)*+[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*+[\n\r])*+
                     '(?:[^'\\]|\\.|'')*')* )
    | (?P<string>    (?:[uU]&|[bBxXnN])?'(?:[^']|'')*' )
    | (?P<quoted>    (?:[uU]&)?"(?:[^"]|"")*" )
    | (?P<dollar>    \$(?P<tag>(?:{LETTER}(?:{LETTER}|\d)*)?)\$.*?\$(?P=tag)\$ )
    | (?P<unclosed>  [eE]?' | " | \$(?:{LETTER}(?:{LETTER}|\d)*)?\$ )
    | (?P<word>      {LETTER}(?:{LETTER}|[0-9$])* )
    | (?P<number>    \.?[0-9](?:[A-Za-z0-9_.])* )
    | (?P<cast>      :: | := )
    | (?P<parameter> :{LETTER}(?:{LETTER}|[0-9])* )
    | (?P<space>     [ \t\n\r\f\v]+ )
    | (?P<symbol>    . )
    """,
    re.VERBOSE | re.DOTALL,
)
COMMENT_MARK = re.compile(r"/\*|\*/")

NAME = re.compile(r"-- name: (?P<name>\w+\.\w+) :(?P<cardinality>\w+)\s*")
PARAM = re.compile(r"-- param: (?P<name>\w+)\s+(?P<type>\S.*?)\s+= (?P<sample>.*\S)\s*")


class QueryError(Exception):
    """A file that is not a query (the text starts with file and line), or a call that does not fit one."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    line: int  # of the text, from 1


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str  # as PostgreSQL names it
    sample: str  # an SQL literal

    @property
    def sample_value(self) -> str | None:
        """The sample as an argument."""
        if self.sample.upper() == "NULL":
            return None
        if self.sample.startswith("'"):
            return self.sample[1:-1].replace("''", "'")
        return self.sample


@dataclass(frozen=True, slots=True)
class Query:
    name: str
    cardinality: str
    purpose: str
    parameters: Mapping[str, Parameter]
    path: Path
    source: str  # the file, as psql runs it
    text: str  # for rows
    json_text: str  # for one row of JSON, see wrap()
    lines_text: str  # for a row of JSON per row

    @property
    def page_keys(self) -> tuple[str, ...]:
        """Columns of the keyset of a `:page` query, in the order of its ORDER BY."""
        return page_keys(self.parameters)

    def __call__(self, **arguments: Any) -> "Bound":
        """The query with its arguments; strict, so that a misspelt name is not a NULL.

        `tenant_id` is none of them: it comes from the caller's credential, when the query runs.
        """
        expected = self.parameters.keys() - {"tenant_id"}
        if arguments.keys() != expected:
            missing = sorted(expected - arguments.keys())
            unknown = sorted(arguments.keys() - expected)
            raise QueryError(f"{self.name}: missing arguments {missing}, unknown {unknown}")
        return Bound(self, arguments)


@dataclass(frozen=True, slots=True)
class Bound:
    """A query with its arguments, to be run for some tenant."""

    query: Query
    arguments: Mapping[str, Any]

    def values(self, tenant_id: str) -> list[Any]:
        """The arguments in the order of `$1, $2, ...`."""
        arguments = {**self.arguments, "tenant_id": tenant_id}
        return [encode(arguments[name], p.type) for name, p in self.query.parameters.items()]


def encode(value: Any, type_: str) -> Any:
    """The text form, whatever Python type came in.

    The statement says the type (`$1::bigint`); so it is prepared once, and not once per Python type.
    """
    if value is None or isinstance(value, bytes):
        return value
    if type_ in ("json", "jsonb"):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return [encode(element, type_.removesuffix("[]")) for element in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def page_keys(parameters: Mapping[str, Parameter]) -> tuple[str, ...]:
    return tuple(name.removeprefix("after_") for name in parameters if name.startswith("after_"))


def tokens(sql: str) -> Iterator[Token]:
    """The tokens as PostgreSQL reads them; put together again they are the text."""
    position, line = 0, 1
    # For each open ( or [, whether it is a subscript, which may be a slice.
    subscripts: list[bool] = []
    operand = False  # whether the last token ends an operand
    while match := TOKEN.match(sql, position):
        kind, text = str(match.lastgroup), match[0]
        if kind == "tag":
            kind = "dollar"
        if text == "/*":
            text = _block_comment(sql, position, line)
        elif text in ("(", "["):
            subscripts.append(text == "[" and operand)
        elif text in (")", "]") and subscripts:
            subscripts.pop()
        elif kind == "unclosed":
            raise QueryError(f"{line}: the {text} is not closed")
        elif kind == "parameter" and operand and subscripts and subscripts[-1]:
            kind, text = "symbol", ":"  # of a slice, a[1:n]
        yield Token(kind, text, line)
        if kind not in ("comment", "space"):
            operand = text in (")", "]") or (
                kind not in ("symbol", "cast") and text.upper() not in PREFIXES
            )
        position += len(text)
        line += text.count("\n")


def _block_comment(sql: str, start: int, line: int) -> str:
    depth = 0
    for mark in COMMENT_MARK.finditer(sql, start):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return sql[start : mark.end()]
    raise QueryError(f"{line}: the /* is not closed")


def parse(source: str, name: str, path: Path) -> Query:
    """The query in a file's text. `name` is what its path says, `area.query`."""
    try:
        return _parse(source, name, path)
    except QueryError as error:
        raise QueryError(f"{path}:{error}") from None


def _parse(source: str, name: str, path: Path) -> Query:
    header, parameters, purpose = [], {}, []
    lines = source.split("\n")  # not splitlines(), which breaks at U+2028 and others as well
    for line in lines:
        if not line.startswith("--"):
            break
        header.append(line)
    title = NAME.fullmatch(header[0]) if header else None
    if title is None:
        raise QueryError("1: the first line is not `-- name: area.query :cardinality`")
    if title["name"] != name:
        raise QueryError(f"1: the name is {title['name']}, but the path says {name}")
    if title["cardinality"] not in CARDINALITIES:
        raise QueryError(f"1: :{title['cardinality']} is not one of {', '.join(CARDINALITIES)}")
    for number, line in enumerate(header[1:], start=2):
        if not line.startswith("-- param:"):
            purpose.append(line.removeprefix("--").strip())
            continue
        found = PARAM.fullmatch(line)
        if found is None:
            raise QueryError(f"{number}: the line is not `-- param: name type = sample`")
        if found["name"] in parameters:
            raise QueryError(f"{number}: parameter {found['name']} is declared twice")
        parameters[found["name"]] = Parameter(found["name"], found["type"], found["sample"])
    if not any(purpose):
        raise QueryError("1: the header does not say why the query exists")

    body = "\n" * len(header) + "\n".join(lines[len(header) :])
    ctes, main = _statement(body, parameters)
    return Query(
        name=name,
        cardinality=title["cardinality"],
        purpose=" ".join(purpose).strip(),
        parameters=parameters,
        path=path,
        source=source,
        text=f"/* {name} */ {ctes}{main}",
        json_text=f"/* {name} */ {wrap(ctes, main, title['cardinality'], parameters)}",
        lines_text=f"/* {name} */ {as_result(ctes, main)} SELECT to_json(result)::text AS line FROM result",
    )


def _statement(body: str, parameters: Mapping[str, Parameter]) -> tuple[str, str]:
    """The statement with `$n` for `:name`: its WITH clause, and its main part."""
    places = {name: f"${n}::{p.type}" for n, (name, p) in enumerate(parameters.items(), start=1)}
    parts: list[str] = []
    main_at, depth, begun, ended, used = None, 0, False, False, set()
    for token in tokens(body):
        if token.kind in ("comment", "space"):
            parts.append(token.text)
            continue
        if ended:
            raise QueryError(f"{token.line}: a second statement begins")
        if token.text == ";" and depth == 0:
            ended = True
            continue
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0 and main_at is None and token.text.upper() in STATEMENTS:
            main_at = len(parts) if begun else 0  # comments before it are no WITH clause
        begun = True
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
    return "".join(parts[:main_at]).lstrip(), "".join(parts[main_at:]).strip()


def as_result(ctes: str, main: str) -> str:
    """The statement with its main part as a last common table expression, `result`."""
    return (f"{ctes.rstrip()}\n, " if ctes else "WITH ") + f"result AS (\n{main}\n)"


def wrap(ctes: str, main: str, cardinality: str, parameters: Mapping[str, Parameter]) -> str:
    """The statement as one that answers with a single row of JSON, built by PostgreSQL.

    one, maybe: the row as an object, and its revision or NULL; no row if there is none.
    page: the rows as an array, and the keys of the last one as an array if there are more, else NULL.
    others: the rows as an array, and NULL.
    """
    start = as_result(ctes, main)
    if cardinality in ("one", "maybe"):
        return (
            f"{start}, document AS MATERIALIZED (SELECT to_json(result) AS body FROM result) "
            "SELECT body, body ->> 'revision' AS extra FROM document"
        )
    if cardinality == "page":
        limit = f"${list(parameters).index('limit') + 1}::int"
        keys = ", ".join(f"result.{key}" for key in page_keys(parameters))
        return (
            f"{start}, page AS (SELECT result AS item, json_build_array({keys}) AS keys, "
            "row_number() OVER () AS n FROM result) "
            f"SELECT coalesce(json_agg(item ORDER BY n) FILTER (WHERE n <= {limit}), '[]') AS body, "
            f"CASE WHEN count(*) > {limit} "
            f"THEN json_agg(keys) FILTER (WHERE n = {limit}) -> 0 END AS extra FROM page"
        )
    return (
        f"{start}, numbered AS (SELECT result AS item, row_number() OVER () AS n FROM result) "
        "SELECT coalesce(json_agg(item ORDER BY n), '[]') AS body, NULL AS extra FROM numbered"
    )


def load(root: Path = ROOT) -> dict[str, Query]:
    """All queries under `root` by name; the first file that is none stops it."""
    found = {}
    for path in sorted(root.glob("*/*.sql")):
        name = f"{path.parent.name}.{path.stem}"
        found[name] = parse(path.read_text("utf-8"), name, path.relative_to(root.parent))
    return found


def by_area(found: Mapping[str, Query]) -> SimpleNamespace:
    """`queries.inbox.list_messages`: the queries as attributes of their areas."""
    areas: dict[str, SimpleNamespace] = {}
    for name, query in found.items():
        area, _, short = name.partition(".")
        setattr(areas.setdefault(area, SimpleNamespace()), short, query)
    return SimpleNamespace(**areas)


queries = by_area(load())
