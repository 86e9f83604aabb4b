"""The query module: strict when it loads a file and when a query is called, and what it wraps for HTTP."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.caller import NOBODY
from service.config import Settings
from service.database import Database
from service.errors import Problem
from service.queries import Query, QueryError, load, queries
from service.queries.query import parse
from tests.postgres import Server

PATH = Path("sql/area/name.sql")


def query(text: str, cardinality: str = "many", params: str = "") -> Query:
    header = f"-- name: area.name :{cardinality}\n-- Why.\n"
    return parse(f"{header}{params}{text}", "area.name", PATH)


@pytest.fixture(scope="module")
def url(server: Server) -> str:
    """Of a database without migrations, in which any statement may run."""
    server.create("queries")
    return server.url("postgres", "queries")


@pytest.fixture(scope="module")
def database(url: str) -> Iterator[Database]:
    opened = Database(Settings(database_url=url, pool_size=1), url)
    opened.open()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE area (id int PRIMARY KEY, revision bigint)")
        # What every transaction begins with.
        connection.execute("CREATE SCHEMA operations")
        connection.execute(
            "CREATE FUNCTION operations.set_local(name text, value text) RETURNS text LANGUAGE sql"
            " RETURN set_config(name, value, true)"
        )
    yield opened
    opened.close()


def ask(database: Database, asked: Query, **arguments: Any) -> tuple[Any, Any]:
    """What the service answers: the JSON, and the revision or the keys."""
    found = database.session(NOBODY).maybe_json(asked(**arguments))
    if found is None:
        return None, None
    return json.loads(found.body), found.revision or (
        found.last_keys and json.loads(found.last_keys)
    )


# Strict at load ------------------------------------------------------------------------------------

HEAD = "-- name: area.name :many\n-- Why.\n"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("SELECT 1", 1, "the first line is not"),
        ("", 1, "the first line is not"),
        ("\n" + HEAD + "SELECT 1", 1, "the first line is not"),
        ("-- name: area.other :many\n-- Why.\nSELECT 1", 1, "the name is area.other"),
        ("-- name: area.name :some\n-- Why.\nSELECT 1", 1, ":some is not one of one, maybe"),
        ("-- name: area.name\n-- Why.\nSELECT 1", 1, "the first line is not"),
        ("-- name: area.name :many\nSELECT 1", 1, "the header does not say why"),
        ("-- name: area.name :many\n--\n-- param: a int = 1\nSELECT :a", 1, "does not say why"),
        (HEAD + "-- param: a = 1\nSELECT :a", 3, "the line is not `-- param:"),
        (HEAD + "-- param: a int\nSELECT :a", 3, "the line is not `-- param:"),
        (HEAD + "-- param: a int = 1\n-- param: a text = '1'\nSELECT :a", 4, "a is declared twice"),
        (HEAD + "-- row: a, the copy\nSELECT 1", 3, "the line is not `-- row: name`"),
        (HEAD + "-- row: a\n-- row: b\nSELECT 1", 4, "a second row"),
        (HEAD + "SELECT\n    1,\n    :b", 5, "parameter b is not declared"),
        (
            HEAD + "-- param: a int = 1\nSELECT\n    :a,\n    /*\n*/ :A",
            7,
            "parameter A is not decl",
        ),
        (HEAD + "-- param: a int = 1\nSELECT ':a' -- :a", 1, "parameters are not used: a"),
        (HEAD + "SELECT 1;\n\nSELECT 2", 5, "a second statement begins"),
        (HEAD + "SELECT 1;\n;", 4, "a second statement begins"),
        (HEAD + "SELECT\n    'a", 4, "the ' is not closed"),
        (HEAD + "SELECT 1 /* /* */", 3, "the /* is not closed"),
        (HEAD + 'SELECT 1 AS "a', 3, 'the " is not closed'),
        (HEAD, 1, "the statement is not SELECT"),
        (HEAD + "\n/* SELECT */ ;", 1, "the statement is not SELECT"),
        (HEAD + "TRUNCATE area", 1, "the statement is not SELECT"),
        (HEAD + "WITH a AS (SELECT 1) TABLE a", 1, "the statement is not SELECT"),
    ],
)
def test_a_file_that_is_no_query_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, why: str
) -> None:
    (tmp_path / "sql" / "area").mkdir(parents=True)
    (tmp_path / "sql" / "area" / "name.sql").write_text(text)
    with pytest.raises(QueryError) as raised:
        load(tmp_path / "sql")
    assert re.match(rf"sql/area/name\.sql:{line}: .*{re.escape(why)}", str(raised.value))


def test_a_query_is_known_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "sql" / "area").mkdir(parents=True)
    (tmp_path / "sql" / "area" / "name.sql").write_text(HEAD + "SELECT 1;\n-- The end.\n")
    assert list(load(tmp_path / "sql")) == ["area.name"]


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("ORDER BY i.id", "asc"),
        ("ORDER BY i.id DESC", "desc"),
        ("ORDER BY i.id desc NULLS LAST -- not ASC", "desc"),
        ("ORDER BY i.id -- DESC", "asc"),
        ("WHERE EXISTS (SELECT 1 ORDER BY 1 DESC) ORDER BY i.id", "asc"),
    ],
)
def test_a_page_knows_its_order(text: str, order: str) -> None:
    before = "WITH w AS (SELECT 1 AS id ORDER BY 1 DESC)"
    assert query(f"SELECT i.id FROM w AS i {text}").order == order
    assert query(f"{before} SELECT i.id FROM w AS i {text}").order == order


def test_a_page_knows_its_filters() -> None:
    params = (
        "-- param: tenant_id uuid = NULL\n-- param: a int = 1\n-- param: b int NULL = NULL\n"
        "-- param: after_id int = 0\n-- param: limit int = 1\n"
    )
    found = query("SELECT :tenant_id, :a, :b, :after_id, :limit", "page", params)
    assert (found.filters, found.required) == ({"a", "b"}, {"a"})


@pytest.mark.parametrize(
    ("text", "may_write"),
    [
        ('SELECT now(), \'UPDATE (\' AS a, "insert".b -- DELETE\nFROM area."insert"', False),
        ("SELECT u.id FROM unnest(ARRAY[1]) AS u (id) WHERE u.id IN (SELECT 1)", False),
        ("SELECT operations.set_local('app.actor', 'x')", False),
        ("WITH a AS (DELETE FROM area RETURNING id) SELECT id FROM a", True),
        ("insert INTO area VALUES (1)", True),
        ("SELECT id FROM area FOR UPDATE", True),
        ("SELECT area.change(1)", True),
        ("SELECT area . /* what */ change (1)", True),
        ('SELECT "area"."change"(1)', True),
        ("SELECT operations.set_local('a', 'b'), operations.raise_epoch('c')", True),
    ],
)
def test_a_query_knows_whether_it_may_write(text: str, may_write: bool) -> None:
    assert query(text).may_write == may_write


def test_the_server_is_told_the_name_first_and_last() -> None:
    assert query("SELECT 1 -- One.").text == "/* area.name */ SELECT 1 -- One.\n/* area.name */"
    assert all(
        text.startswith(f"/* {name} */ ") and text.endswith(f"\n/* {name} */")
        for name, found in load().items()
        for text in (found.text, found.json_text, found.lines_text)
    )


# Strict at call ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({}, "missing arguments ['id'], unknown []"),
        ({"id": 1, "ids": 2}, "missing arguments [], unknown ['ids']"),
        ({"Id": 1}, "missing arguments ['id'], unknown ['Id']"),
        ({"id": 1, "tenant_id": 2}, "missing arguments [], unknown ['tenant_id']"),
    ],
)
def test_a_call_that_does_not_fit_is_refused(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(QueryError, match=re.escape(f"inbox.get_channel: {problem}")):
        queries.inbox.get_channel(**arguments)


# Wrapped for HTTP ----------------------------------------------------------------------------------


def test_one_row_is_an_object_with_its_revision(database: Database) -> None:
    found = query("SELECT 1 AS id, 7 AS revision, NULL AS nothing, 'é:x' AS text", "one")
    row = {"id": 1, "revision": 7, "nothing": None, "text": "é:x"}
    assert ask(database, found) == (row, 7)


def test_a_row_without_a_revision_has_no_etag(database: Database) -> None:
    assert ask(database, query("SELECT 1 AS id", "maybe")) == ({"id": 1}, None)


@pytest.mark.parametrize("cardinality", ["one", "maybe"])
def test_no_row_is_none_and_two_are_an_error(database: Database, cardinality: str) -> None:
    assert ask(database, query("SELECT 1 AS id WHERE false", cardinality)) == (None, None)
    with pytest.raises(Problem, match="there is no such thing"):
        database.session(NOBODY).json(query("SELECT 1 AS id WHERE false", cardinality)())
    with pytest.raises(psycopg.errors.CardinalityViolation):
        ask(database, query("VALUES (1), (2)", cardinality))


def test_many_rows_keep_their_order(database: Database) -> None:
    text = "SELECT n FROM generate_series(1, 300) AS n ORDER BY n % 7, n DESC"
    expected = sorted(range(1, 301), key=lambda n: (n % 7, -n))
    rows, extra = ask(database, query(text))
    assert [row["n"] for row in rows] == expected
    assert extra is None
    assert ask(database, query("SELECT 1 AS id WHERE false")) == ([], None)


PAGE = "-- param: after_n int = 0\n-- param: limit int = 3\n"


@pytest.mark.parametrize(
    ("after", "seen", "more"),
    [
        (0, [1, 2, 3], True),
        (3, [4, 5, 6], True),
        (4, [5, 6, 7], False),
        (6, [7], False),
        (7, [], False),
    ],
)
def test_a_page_tells_the_keys_of_its_last_row_and_whether_more_follow(
    database: Database, after: int, seen: list[int], more: bool
) -> None:
    text = "SELECT n FROM generate_series(1, 7) AS n WHERE n > :after_n ORDER BY n LIMIT :limit + 1"
    page = query(text, "page", PAGE)(after_n=after, limit=3)
    found = database.session(NOBODY).json(page)
    assert [row["n"] for row in json.loads(found.body)] == seen
    assert found.last_keys == (f"[{seen[-1]}]".encode() if seen else None)
    assert found.more is more


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 5 AS id",
        "\n-- Before the statement.\nSELECT 5 AS id",
        "/* WITH */ SELECT 5 AS id",
        "SELECT 5 AS id -- The end.",
        "SELECT 5 AS id; -- The end.\n/* Really. */\n",
        "VALUES (5)",
        "WITH a AS (SELECT 5 AS id) SELECT a.id FROM a",
        "WITH a AS (SELECT 5 AS id) -- The last of them.\nSELECT a.id FROM a",
        "-- First.\nWITH a AS (SELECT 5 AS id), b AS (SELECT a.id FROM a)\n/* b */ SELECT b.id FROM b",
        "WITH a AS (SELECT ')' AS \"(\", 5 AS id) SELECT a.id FROM a -- )",
        "WITH RECURSIVE a AS (SELECT 1 AS id UNION ALL SELECT a.id + 1 FROM a WHERE a.id < 5) "
        "SELECT max(a.id) AS id FROM a",
        "SELECT 5 AS id UNION (SELECT 5)",
        "INSERT INTO area (id) VALUES (5) RETURNING id",
        "WITH a AS (INSERT INTO area (id) VALUES (5) RETURNING id) SELECT a.id FROM a",
        "WITH a AS (INSERT INTO area (id) VALUES (4) RETURNING id), b AS (SELECT a.id FROM a) "
        "INSERT INTO area (id) SELECT b.id + 1 FROM b RETURNING id",
        "WITH a AS (SELECT 5 AS id) -- The new one.\nUPDATE area SET id = a.id FROM a RETURNING a.id",
        "WITH a AS (SELECT 1 AS id) DELETE FROM area USING a WHERE area.id = a.id RETURNING 5 AS id",
    ],
)
def test_the_same_rows_come_as_rows_as_json_and_as_lines(
    database: Database, url: str, text: str
) -> None:
    found = query(text)
    key = "column1" if text.startswith("VALUES") else "id"
    with psycopg.connect(url, autocommit=True) as connection:

        def reset() -> None:
            connection.execute("TRUNCATE area")
            connection.execute("INSERT INTO area (id) VALUES (1)")

        reset()
        assert [row[0] for row in database.session(NOBODY).rows(found())] == [5]
        reset()
        assert [row[key] for row in ask(database, found)[0]] == [5]
        reset()
        lines = connection.execute(found.lines_text.encode()).fetchall()
        assert [json.loads(line)[key] for (line,) in lines] == [5]
