"""The lexer of the query module against what PostgreSQL itself makes of the same text."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.queries import Query, QueryError
from service.queries.lexer import LexError, Token, tokens
from service.queries.query import parse
from tests.postgres import Server

PATH = Path("t/q.sql")

# The parameters of every statement that is made here, and what they are called with.
HEADER = """-- name: t.q :one
-- Written by a test.
-- param: text text  = 'x'
-- param: n    int   = 1
-- param: m    int   = 1
-- param: ids  int[] = '{}'
"""
VALUES = {"text": "it's :n", "n": 3, "m": 2, "ids": [10, 20, 30]}
FIRST = "SELECT :text AS a, :n AS b, :m AS c, :ids AS d"

# A piece of SQL, and the value that it has as text.
Item = tuple[str, str]


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(
        server.superuser_url, autocommit=True, cursor_factory=psycopg.RawCursor
    ) as opened:
        yield opened


def query(body: str) -> Query:
    return parse(HEADER + body, "t.q", PATH)


def run(connection: psycopg.Connection[Any], body: str) -> tuple[Any, ...]:
    bound = query(body)(**VALUES)
    row: tuple[Any, ...] = connection.execute(bound.query.text, bound.values("")).fetchall()[0]
    return row


# What may stand in a text: everything that starts, ends or resembles a token.
SIGNS = [
    *"abenuxBEUXZ019'\"\\$:/*-;,()[]{}&%|._ \n\t\r\f\v",
    *("\xa0", "\x85", "\u2028", "é", "ß", "🏎️", "עם", "\u202e", "\x1c"),
    *(":n", ":text", "::", ":=", "--", "/*", "*/", "$$", "$a$", "$1", "''", "E'", "[1:n]"),
]
texts = st.lists(st.sampled_from(SIGNS), max_size=8).map("".join)
spaces = st.lists(
    st.sampled_from(
        [" ", "\n", "\t", "\r\n", "\f", "-- :n ' \" $a$ /*\n", "/* :n ' /* $a$ */ \" */"]
    ),
    min_size=1,
    max_size=3,
).map("".join)
# Between two parts of one string: a line break, and comments that run to the end of their line.
joints = st.lists(
    st.sampled_from(["\n", "\r\n", " \n", "\t\n ", "-- it's :n\n", " ------ -- --\n"]),
    min_size=1,
    max_size=3,
).map("".join)


def joined(draw: st.DrawFn, prefix: str, parts: list[str]) -> str:
    """One string constant in parts, each with its own quotes."""
    sql = f"{prefix}'{parts[0]}'"
    for part in parts[1:]:
        sql += draw(joints) + f"'{part}'"
    return sql


@st.composite
def plain_strings(draw: st.DrawFn) -> Item:
    parts = draw(st.lists(texts, min_size=1, max_size=3))
    prefix = draw(st.sampled_from(["", "", "N", "n"]))
    value = "".join(parts)
    # N'' is of the type character, which loses the blanks at its end when it becomes text.
    value = value.rstrip(" ") if prefix else value
    return joined(draw, prefix, [p.replace("'", "''") for p in parts]), value


@st.composite
def escaped_strings(draw: st.DrawFn) -> Item:
    def escape(sign: str) -> str:
        ways = [f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"]
        ways += {"'": ["''", "\\'"], "\\": ["\\\\"], "\n": ["\\n", "\n"]}.get(sign, [sign])
        return draw(st.sampled_from(ways))

    parts = draw(st.lists(texts, min_size=1, max_size=3))
    prefix = draw(st.sampled_from("Ee"))
    return joined(draw, prefix, ["".join(map(escape, p)) for p in parts]), "".join(parts)


@st.composite
def unicode_strings(draw: st.DrawFn) -> Item:
    def escape(sign: str) -> str:
        if sign == "'":
            return "''"
        return f"\\+{ord(sign):06x}" if sign == "\\" or draw(st.booleans()) else sign

    text = draw(texts)
    return f"{draw(st.sampled_from(['U&', 'u&']))}'{''.join(map(escape, text))}'", text


@st.composite
def bit_strings(draw: st.DrawFn) -> Item:
    bits = draw(st.text("01", min_size=4, max_size=8).filter(lambda t: len(t) % 4 == 0))
    if draw(st.booleans()):
        return f"{draw(st.sampled_from('bB'))}'{bits}'", bits
    return f"{draw(st.sampled_from('xX'))}'{int(bits, 2):0{len(bits) // 4}x}'", bits


@st.composite
def dollar_strings(draw: st.DrawFn) -> Item:
    mark = f"${draw(st.sampled_from(['', 'a', 'A', 'ab', '_1', 'é', '🏎']))}$"
    text = draw(texts).replace(mark, "")
    text = text if (text + mark).find(mark) == len(text) else f"{text} "
    return mark + text + mark, text


@st.composite
def quoted_names(draw: st.DrawFn) -> Item:
    name = f"c{draw(texts)}"
    if draw(st.booleans()):
        quoted = '"' + name.replace('"', '""') + '"'
    else:
        coded = "".join(f"\\+{ord(c):06x}" if c in '"\\:' else c for c in name)
        quoted = f'U&"{coded}"'
    return f"(SELECT {quoted} FROM (SELECT 'v' AS {quoted}) AS s)", "v"


words = st.builds(
    str.__add__,
    st.sampled_from(["z", "_", "é", "🏎", "\xa0", "E_", "u_", "x1"]),
    st.text("abz019_$é🏎\xa0\u2003\u202e", max_size=6),
)
names = words.map(lambda name: (f"(SELECT {name} FROM (SELECT 7 AS {name}) AS s)", "7"))
dollars_in_names = st.just(("(SELECT s.a$b$ + :n FROM (SELECT 1 AS a$b$) AS s)", "4"))

# A colon that is a cast, a parameter, a slice or an assignment; {} is where white space may stand.
COLONS: list[Item] = [
    (":n", "3"),
    (":text::{}text", "it's :n"),
    (":n{}::int::text", "3"),
    ("'5'::int{}::text", "5"),
    (":n+:m*:n", "9"),
    # A blank, for a comment directly after the minus would begin with it.
    (":n{}- {}:m", "1"),
    (":text||:text", "it's :nit's :n"),
    ("1.5::{}numeric", "1.5"),
    (".5{}::numeric", "0.5"),
    ("1e3::int", "1000"),
    ("make_date(year := :n{}+ 2000, month{}:={}:m, day:=:n)", "2003-02-03"),
    ("(ARRAY[1,2,3,4])[2:3]", "{2,3}"),
    ("(ARRAY[1,2,3,4])[2{}:{}3]", "{2,3}"),
    ("(ARRAY[1,2,3,4])[:3]", "{1,2,3}"),
    ("(ARRAY[1,2,3,4])[3:]", "{3,4}"),
    ("(ARRAY[1,2,3,4])[:]", "{1,2,3,4}"),
    ("(ARRAY[1,2,3,4])[:n]", "3"),
    ("(ARRAY[1,2,3,4])[{}:m{}::{}int]", "2"),
    ("(ARRAY[1,2,3,4])[:m : :n]", "{2,3}"),
    ("(ARRAY[1,2,3,4])[:m{}:{}(:n)]", "{2,3}"),
    ("(ARRAY[1,2,3,4])[1: :n]", "{1,2,3}"),
    ("(ARRAY[1,2,3,4])[:m:4]", "{2,3,4}"),
    ("(ARRAY[1,2,3,4])[(SELECT :m)]", "2"),
    ("(ARRAY[1,2,3,4])[greatest(1, :m)]", "2"),
    ("(ARRAY[1,2,3,4])[CASE WHEN :m > 1 THEN :n ELSE :m END]", "3"),
    ("(ARRAY[1,2,3,4])[1 + :m]", "3"),
    ("(SELECT s.a[1:k] FROM (SELECT ARRAY[1,2,3] AS a, 2 AS k) AS s)", "{1,2}"),
    ("(SELECT s.a[s.k:k+:n] FROM (SELECT ARRAY[1,2,3] AS a, 2 AS k) AS s)", "{2,3}"),
    ("(SELECT s.a[1::int:k] FROM (SELECT ARRAY[1,2,3] AS a, 2 AS k) AS s)", "{1,2}"),
    ("(SELECT s.a[(ARRAY[1,2])[:m]:k] FROM (SELECT ARRAY[1,2,3] AS a, 2 AS k) AS s)", "{2}"),
    ("ARRAY[:n, :m]", "{3,2}"),
    ("ARRAY{}[[:n],{}[:m]]", "{{3},{2}}"),
    ("ARRAY[(ARRAY[1,2])[1:2], ARRAY[:n, :m]]", "{{1,2},{3,2}}"),
    ("(:ids{})[:m]", "20"),
    ("(:ids)[:m:3]", "{20,30}"),
    ("'{1,2}'::int[]{}::text[]", "{1,2}"),
    ("CASE WHEN :n=3 THEN :text ELSE ':n' END", "it's :n"),
    ("1--:n '\n+:n", "4"),
    ("2*/*:n ' /* $a$ */ */:n", "6"),
    ("(SELECT :n IN (:m, :n))", "true"),
    ("'a' \n 'b'", "ab"),
    (r"'\'||:text", "\\it's :n"),
    (r"E'\''||:text||E'\\'", "'it's :n\\"),
    ("E'a'-- it's\n'b\\':n'", "ab':n"),
    ("$a$ $b$ :n $a$::text", " $b$ :n "),
    ("date'2024-01-02'", "2024-01-02"),
]


@st.composite
def colons(draw: st.DrawFn) -> Item:
    sql, value = draw(st.sampled_from(COLONS))
    return re.sub(r"\{\}", lambda _: draw(st.one_of(st.just(""), spaces)), sql), value


items = st.one_of(
    plain_strings(),
    escaped_strings(),
    unicode_strings(),
    bit_strings(),
    dollar_strings(),
    quoted_names(),
    names,
    dollars_in_names,
    colons(),
)


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A SELECT of the parameters and of many items, and the items' values."""
    chosen = draw(st.lists(items, min_size=1, max_size=6))
    body = FIRST
    for number, (sql, _) in enumerate(chosen):
        around = st.one_of(st.just(""), spaces)
        body += f",{draw(around)}({sql}{draw(around)})::text AS x{number}{draw(around)}"
    return body, [value for _, value in chosen]


@settings(max_examples=400)
@given(statements())
def test_postgresql_reads_the_compiled_statement_as_it_was_written(
    connection: psycopg.Connection[Any], statement: tuple[str, list[str]]
) -> None:
    body, expected = statement
    row = run(connection, body)
    assert row == ("it's :n", 3, 2, [10, 20, 30], *expected)


@pytest.mark.parametrize(("sql", "value"), [(s.replace("{}", ""), v) for s, v in COLONS])
def test_a_colon_is_what_postgresql_says(
    connection: psycopg.Connection[Any], sql: str, value: str
) -> None:
    assert run(connection, f"{FIRST}, ({sql})::text")[-1] == value


@settings(max_examples=500)
@given(st.one_of(st.text(), st.lists(st.sampled_from(SIGNS), max_size=30).map("".join)))
@example("E'a' " + "-" * 60 + "\n, 1")
def test_tokens_put_together_are_the_text(text: str) -> None:
    problem = None
    found: list[Token] = []
    try:
        found = list(tokens(text))
    except LexError as error:
        problem = str(error)
    if problem is not None:
        assert re.match(r"\d+: the .* is not closed", problem)
        return
    assert "".join(token.text for token in found) == text
    line = 1
    for token in found:
        assert token.line == line
        line += token.text.count("\n")


@settings(max_examples=200)
@given(
    st.one_of(*(make() for make in (plain_strings, escaped_strings, dollar_strings, quoted_names)))
)
def test_nothing_inside_quotes_is_a_parameter(item: Item) -> None:
    assert [token for token in tokens(item[0]) if token.kind == "parameter"] == []


@pytest.mark.parametrize(
    "unclosed",
    [
        "'a",
        "'a''",
        r"E'a\'",
        r"e'a\\\'",
        '"a',
        '"a""',
        "U&'a",
        "x'1",
        "$$ a",
        "$a$ $b$ $A$",
        "/* a",
        "/* /* */",
    ],
)
def test_what_is_never_closed_is_refused_where_it_opens(unclosed: str) -> None:
    assert_refused(lambda: list(tokens(f"SELECT 1,\n{unclosed}")), r"2: the .* is not closed")
    assert_refused(lambda: query(f"{FIRST},\n{unclosed}"), r"t/q.sql:8: the .* is not closed")


def assert_refused(call: Callable[[], Any], pattern: str) -> None:
    with pytest.raises((LexError, QueryError)) as raised:
        call()
    assert re.fullmatch(pattern, str(raised.value))
