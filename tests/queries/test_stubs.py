"""The stubs of the queries: what the server says, and what mypy makes of it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.config import Settings
from service.queries import stubs
from service.queries.describe import Column, Description, describe
from service.queries.prepare import connect
from service.queries.query import parse
from tests.client import ROOT
from tests.commands import environment, flask
from tests.postgres import Server

pytestmark = pytest.mark.not_on_citus("make sql is for one PostgreSQL")

# Each line is refused for the reason that stands behind it, or for none.
PROGRAM = """
from uuid import UUID

from service.database import Session
from service.queries import queries
from service.rest import changed, page

some_id = UUID(int=1)


def use(session: Session) -> None:
    tenant = session.row(queries.identity.get_tenant())
    tenant.name.upper()
    tenant.nome  # attr-defined
    tenant.revision.upper()  # attr-defined
    session.rows(queries.inbox.list_nothing())  # attr-defined
    session.rows(queries.inbox.get_message(id=some_id))[0].sent_at.isoformat()
    queries.inbox.get_message()  # call-arg
    queries.inbox.get_message(id=some_id, limit=1)  # call-arg
    queries.inbox.get_message(id=1)  # arg-type
    queries.inbox.get_message(id=None)  # arg-type
    queries.inbox.get_message(some_id)  # call-arg
    queries.drafts.rescue_replies(tenant_id=some_id)  # call-arg
    session.row(queries.inbox.get_message(id=some_id)).subject.upper()  # union-attr
    session.row(queries.inbox.find_channel(type="email", external_id="a"))  # arg-type
    maybe = session.maybe_row(queries.inbox.find_channel(type="email", external_id="a"))
    maybe.id  # union-attr
    session.rows(queries.drafts.rescue_replies())  # type-var
    session.execute(queries.drafts.rescue_replies())
    page(queries.inbox.get_message, {})  # arg-type
    page(queries.inbox.list_channels, {})
    page((queries.inbox.list_messages, queries.inbox.list_channels), {})
    page((queries.inbox.list_messages, queries.inbox.get_message), {})  # arg-type
    changed(queries.identity.get_tenant(), queries.identity.get_tenant())  # arg-type
    session.row(queries.identity.new_tenant_id()).id.hex
"""


@pytest.fixture(scope="module")
def url(server: Server, clone: Callable[[str], str]) -> str:
    """Of a database with tables to describe."""
    url = server.url("app_owner", clone("described"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE one (id int PRIMARY KEY, name text NOT NULL, note text)")
        connection.execute(
            "CREATE TABLE two (one_id int NOT NULL REFERENCES one, at timestamptz NOT NULL)"
        )
    return url


@pytest.fixture(scope="module")
def connection(url: str) -> Iterator[psycopg.Connection[Any]]:
    with connect(url) as opened:
        yield opened


def described(connection: psycopg.Connection[Any], text: str, header: str = "") -> Description:
    source = f"-- name: area.name :many\n-- Why.\n{header}{text}"
    return describe(connection, parse(source, "area.name", Path("sql/area/name.sql")), ())


@pytest.mark.parametrize(
    ("text", "nullable"),
    [
        ("SELECT one.id, one.note FROM one", "note"),
        ("SELECT one.id, two.at FROM one INNER JOIN two ON two.one_id = one.id", ""),
        ("SELECT one.id, two.at FROM one LEFT OUTER JOIN two ON two.one_id = one.id", "at"),
        ("SELECT one.id, two.at FROM two RIGHT OUTER JOIN one ON two.one_id = one.id", "at"),
        ("SELECT one.id, two.at FROM one FULL OUTER JOIN two ON two.one_id = one.id", "id at"),
        # The condition drops what the join filled up: the plan has an inner join.
        (
            "SELECT one.id, two.at FROM one LEFT OUTER JOIN two ON two.one_id = one.id"
            " WHERE two.at > now()",
            "",
        ),
        (
            "WITH later AS MATERIALIZED (SELECT two.one_id, two.at FROM two)"
            " SELECT one.id, later.at FROM one LEFT OUTER JOIN later ON later.one_id = one.id",
            "at",
        ),
        (
            "WITH inner_cte AS MATERIALIZED (SELECT two.one_id, two.at FROM two),"
            " outer_cte AS MATERIALIZED (SELECT inner_cte.one_id, inner_cte.at FROM inner_cte)"
            " SELECT one.id, o.at FROM one LEFT OUTER JOIN outer_cte AS o ON o.one_id = one.id",
            "at",
        ),
        (
            "WITH later AS MATERIALIZED (SELECT two.one_id, two.at FROM two)"
            " SELECT later.at FROM later",
            "",
        ),
        (
            "WITH made AS (INSERT INTO two (one_id, at) VALUES (1, now()) RETURNING one_id, at)"
            " SELECT one.id, made.at FROM one LEFT OUTER JOIN made ON made.one_id = one.id",
            "at",
        ),
        (
            "SELECT one.id, x.at FROM one LEFT OUTER JOIN LATERAL"
            " (SELECT two.at FROM two WHERE two.one_id = one.id LIMIT 1) AS x ON true",
            "at",
        ),
        # Both sides are the same table: which of them a column is of, the server does not say.
        (
            "SELECT a.id, b.name FROM one AS a LEFT OUTER JOIN one AS b ON b.id = a.id + 1",
            "id name",
        ),
        ("INSERT INTO one (id, name) VALUES (1, 'a') RETURNING id, name, note", "note"),
        (
            "WITH made AS (INSERT INTO one (id, name) VALUES (1, 'a') RETURNING id, note)"
            " SELECT made.id, made.note FROM made",
            "note",
        ),
        ("SELECT one.id + 1 AS next, count(*) AS many FROM one GROUP BY one.id", "next many"),
        ("SELECT one.id FROM one UNION ALL SELECT two.one_id FROM two", "id"),
        ("SELECT (SELECT one.id FROM one WHERE one.id = 1) AS id", "id"),
        (
            "SELECT one.id FROM one WHERE NOT EXISTS (SELECT 1 FROM two WHERE two.one_id = one.id)",
            "",
        ),
    ],
)
def test_a_column_is_nullable_unless_its_table_says_otherwise_on_no_open_side_of_a_join(
    connection: psycopg.Connection[Any], text: str, nullable: str
) -> None:
    columns = described(connection, text).columns
    assert [column.name for column in columns if column.nullable] == nullable.split()


def test_the_header_overrides_what_the_server_does_not_know(
    connection: psycopg.Connection[Any],
) -> None:
    text = "SELECT one.id + 1 AS next, one.note, one.note AS other FROM one"
    columns = described(connection, text, "-- not null: next, note\n").columns
    assert columns == (
        Column("next", "int4", False, None),
        Column("note", "text", False, "public.one.note"),
        Column("other", "text", True, "public.one.note"),
    )


def test_parameters_and_columns_have_the_types_of_the_server(
    connection: psycopg.Connection[Any],
) -> None:
    found = described(
        connection,
        "SELECT :a AS a, :b AS b, now() AS c, '{}'::jsonb AS d, ARRAY[:a] AS e",
        "-- param: a bigint = 1\n-- param: b text[] = '{}'\n",
    )
    assert found.parameters == {"a": "int8", "b": "text[]"}
    assert [c.type for c in found.columns] == ["int8", "text[]", "timestamptz", "jsonb", "int8[]"]


def test_what_does_not_fit_the_schema_is_an_error(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.UndefinedColumn):
        described(connection, "SELECT one.nome FROM one")


def test_the_stubs_are_those_of_the_schema(settings: Settings) -> None:
    done = flask(environment(settings), "sql", "types", "--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_stale_stub_is_named_and_written_anew(tmp_path: Path) -> None:
    files = {"area.pyi": "new", "same.pyi": "same"}
    for name, text in {"area.pyi": "old", "same.pyi": "same", "gone.pyi": "old"}.items():
        (tmp_path / name).write_text(text)
    assert stubs.stale(files, tmp_path) == ["area.pyi", "gone.pyi"]
    assert stubs.write(files, tmp_path) == [tmp_path / "area.pyi", tmp_path / "gone.pyi"]
    assert stubs.stale(files, tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == files.keys()


def test_a_stub_has_what_an_editor_shows(connection: psycopg.Connection[Any]) -> None:
    source = (
        "-- name: area.some_name :maybe\n-- Why\n-- it is.\n"
        "-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'\n"
        "-- param: days int[] NULL = '{}'\n-- param: until timestamptz = 'now'\n"
        "SELECT one.id, one.note, :days AS days FROM one WHERE now() < :until AND :tenant_id = :tenant_id"
    )
    query = parse(source, "area.some_name", Path("sql/area/some_name.sql"))
    files = stubs.make(connection, [query], ())
    assert files.keys() == {"__init__.pyi", "area.pyi"}
    assert "class Queries:\n    area: Area\n" in files["__init__.pyi"]
    assert files["area.pyi"].endswith('''
class SomeNameRow(NamedTuple):
    id: int
    note: str | None
    days: list[int] | None

class SomeName(Query[Literal["maybe"]]):
    """Why it is."""

    def __call__(
        self,
        *,
        days: Sequence[int] | None,
        until: datetime | str,
    ) -> Bound[Literal["maybe"], SomeNameRow]: ...

class Area:
    some_name: SomeName
''')


def test_a_named_row_is_written_once(connection: psycopg.Connection[Any]) -> None:
    rows = {"a": "one", "b": "one, the original", "c": "one, and more"}
    files = stubs.make(
        connection,
        [
            parse(
                f"-- name: area.{name} :many\n-- Why.\n-- row: {row}\nSELECT one.id FROM one",
                f"area.{name}",
                Path("x"),
            )
            for name, row in rows.items()
        ],
        (),
    )
    assert re.findall(r"class (\w+)\(NamedTuple", files["area.pyi"]) == ["OneRow", "CRow"]
    bound = r"class (\w+)\(Query.*\n.*\n\n.*, (\w+)\]: \.\.\."
    assert re.findall(bound, files["area.pyi"]) == [("A", "OneRow"), ("B", "OneRow"), ("C", "CRow")]


def test_mypy_refuses_what_does_not_fit_the_queries(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--show-error-codes"),
            *("--cache-dir", tmp_path / "cache", "--follow-imports=silent", program),
        ],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    found: dict[int, set[str]] = {}
    for line, code in re.findall(r"program\.py:(\d+): error: .*\[([\w-]+)\]", done.stdout):
        found.setdefault(int(line), set()).add(code)
    expected = {
        number: {line.partition("  # ")[2]}
        for number, line in enumerate(PROGRAM.split("\n"), start=1)
        if "  # " in line
    }
    assert found == expected, done.stdout


def test_rows_have_the_types_that_the_stubs_say(settings: Settings) -> None:
    """psycopg decides what a value is in Python; the table of types must agree."""
    assert settings.database_url
    values = {
        "bool": "true",
        "bytea": r"'\x00'",
        "date": "'2026-01-01'",
        "float4": "1.5",
        "float8": "1.5",
        "inet": "'10.0.0.1'",
        "int2": "1",
        "int4": "1",
        "int8": "1",
        "interval": "'1 day'",
        "json": "'{}'",
        "jsonb": "'{}'",
        "name": "'a'",
        "numeric": "1.5",
        "oid": "1",
        "pg_lsn": "'0/1'",
        "text": "'a'",
        "time": "'12:00'",
        "timestamptz": "'2026-01-01'",
        "uuid": "'00000000-0000-7000-8000-000000000001'",
        "xid8": "'7'",
    }
    assert values.keys() == stubs.PYTHON.keys()
    names: dict[str, Any] = {}
    exec(stubs.IMPORTS, names)
    with connect(settings.database_url) as connection:
        for type_, value in values.items():
            row = connection.execute(f"SELECT {value}::{type_}").fetchone()
            assert row is not None
            python = eval(stubs.PYTHON[type_][0], names)
            assert python is Any or isinstance(row[0], python), (type_, type(row[0]))
