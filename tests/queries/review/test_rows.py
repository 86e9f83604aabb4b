"""Rows that several queries return: each list is its original's, and the original's that of a schema."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from marshmallow import Schema, fields

from service.caller import enter_to_explain
from service.queries.describe import describe
from service.queries.prepare import connect
from service.queries.query import parse
from service.queries.review.rows import wrong_rows
from tests.postgres import Server

Connection = psycopg.Connection[Any]

COLUMNS = "t.id, t.label, t.note, t.made_at"


class Thing(Schema):
    id = fields.UUID(required=True)
    label = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    made_at = fields.AwareDateTime(required=True)


@pytest.fixture(scope="module")
def connection(server: Server, clone: Callable[[str], str]) -> Iterator[Connection]:
    url = server.url("app_owner", clone("rows"))
    with connect(url) as opened:
        opened.execute(
            "CREATE TABLE things (id uuid NOT NULL, label text NOT NULL, note text, other text,"
            " made_at timestamptz NOT NULL, n int NOT NULL)"
        )
        yield opened


def found(connection: Connection, schema: type[Schema] = Thing, **files: str) -> list[str]:
    """What is wrong with files of an area, each the end of its header and a list of columns."""
    queries = {}
    for name, text in files.items():
        header, columns = text.split("\n")
        source = f"-- name: area.{name} :many\n-- Why.\n{header}\nSELECT {columns} FROM things AS t"
        queries[f"area.{name}"] = parse(source, f"area.{name}", Path(f"{name}.sql"))
    described = {
        name: describe(connection, query, enter_to_explain()).columns
        for name, query in queries.items()
    }
    return [str(f) for f in wrong_rows(queries, described, {"Thing": schema()})]


ORIGINAL = f"-- row: thing, the original\n{COLUMNS}"


@pytest.mark.parametrize(
    "follower",
    [
        f"-- row: thing\n{COLUMNS}",
        "-- row: thing\nt.id, t.label AS label, lower(t.note) AS note, t.made_at",
        f"-- row: thing, and more\n{COLUMNS}, t.other, t.n",
        "--\nt.id, t.label",
        "--\nt.id, t.label, t.made_at, t.note",
    ],
)
def test_a_list_that_is_right_is_not_found(connection: Connection, follower: str) -> None:
    assert found(connection, original=ORIGINAL, follower=follower) == []


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ("t.id, t.label, t.note", "made_at is missing"),
        ("t.id, t.label, t.made_at", "made_at is not in the list, or not at this place"),
        ("t.id, t.note, t.label, t.made_at", "note is not in the list, or not at this place"),
        (f"{COLUMNS}, t.other", "other is not in the list, or not at this place"),
        ("t.id, t.label, t.other AS note, t.made_at", "note is public.things.other"),
        ("t.id, t.label, t.n AS note, t.made_at", "note is int4"),
        ("t.id, lower(t.label) AS label, t.note, t.made_at", "label is text NULL"),
    ],
)
def test_a_list_that_is_not_the_originals_is_found(
    connection: Connection, columns: str, problem: str
) -> None:
    expected = [f"follower.sql:3: error: row thing: {problem}, unlike in original.sql"]
    for row in ("thing", "thing, and more"):
        if row == "thing" or "other is not" not in problem:
            text = f"-- row: {row}\n{columns}"
            assert found(connection, original=ORIGINAL, follower=text) == expected


def test_a_row_has_one_original(connection: Connection) -> None:
    assert found(connection, follower=f"-- row: thing\n{COLUMNS}") == [
        "follower.sql:3: error: row thing: no query of the area is `the original`"
    ]
    assert found(connection, one=ORIGINAL, two=ORIGINAL) == [
        "two.sql:3: error: row thing: one.sql is the original already"
    ]


def test_the_same_columns_have_a_name(connection: Connection) -> None:
    message = "error: returns the columns of one.sql: say `-- row: name` in both"
    same = f"--\n{COLUMNS}"
    assert found(connection, one=ORIGINAL, two=same) == [f"two.sql:1: {message}"]
    assert found(connection, one=same, two=same) == [f"two.sql:1: {message}"]
    assert found(connection, one=same, two=f"--\n{COLUMNS}::text AS made_at") == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"other": fields.String()}, "Thing also has other"),
        ({"note": None}, "Thing does not have note"),
        ({"note": fields.String(data_key="text")}, "Thing does not have note"),
        ({"note": fields.String(required=True)}, "note may be NULL, and in Thing it may not"),
        ({"id": fields.String(required=True)}, "id is uuid, and in Thing String"),
        ({"label": fields.UUID(required=True)}, "label is text, and in Thing UUID"),
        ({"made_at": fields.Date(required=True)}, "made_at is timestamptz, and in Thing Date"),
    ],
)
def test_a_row_that_is_not_its_schemas_is_found(
    connection: Connection, changed: dict[str, fields.Field[Any] | None], problem: str
) -> None:
    known = {**Thing._declared_fields, **changed}
    schema = Schema.from_dict({n: f for n, f in known.items() if f is not None}, name="Thing")
    expected = [f"original.sql:3: error: row thing: {problem}"]
    assert found(connection, schema, original=ORIGINAL) == expected


def test_a_row_without_a_schema_is_found(connection: Connection) -> None:
    assert found(connection, original=f"-- row: old_thing, the original\n{COLUMNS}") == [
        "original.sql:3: error: row old_thing: no operation returns a schema OldThing"
    ]


def test_a_field_that_may_be_left_out_may_be_null(connection: Connection) -> None:
    known = {**Thing._declared_fields, "note": fields.String()}
    schema = Schema.from_dict(dict(known), name="Thing")
    assert found(connection, schema, original=ORIGINAL) == []
