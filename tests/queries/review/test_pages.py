"""A page is what comes after its keyset, in its order."""

import pytest

from service.queries.review.schema import Schema
from tests.queries.review.helpers import Connection, errors, prepare, query, statements

PAGE = """SELECT
    i.id,
    i.name
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id
    AND (i.name, i.id) > (:after_name, :after_id)
ORDER BY i.name, i.id
LIMIT :limit + 1"""
DOWN = PAGE.replace(") > (", ") < (").replace("BY i.name, i.id", "BY i.name DESC, i.id DESC")
BY_ID = (
    PAGE.replace("(i.name, i.id)", "i.id")
    .replace("(:after_name, :after_id)", ":after_id")
    .replace("BY i.name, i.id", "BY i.id")
)
MERGED = """SELECT
    entry.name,
    entry.id
FROM (
    SELECT
        i.code AS name,
        i.id
    FROM scratch.items AS i
    WHERE i.tenant_id = :tenant_id
        AND (i.code, i.id) > (:after_name, :after_id)
    UNION ALL
    SELECT
        i.note AS name,
        i.id
    FROM scratch.items AS i
    WHERE i.tenant_id = :tenant_id
        AND (i.note, i.id) > (:after_name, :after_id)
) AS entry
ORDER BY entry.name, entry.id
LIMIT :limit + 1"""


@pytest.mark.parametrize(
    "text",
    [
        PAGE,
        DOWN,
        BY_ID,
        MERGED,
        PAGE.replace("BY i.name, i.id", "BY name ASC, id"),
        MERGED.replace("entry.name,\n", "entry.name AS name,\n"),
    ],
)
def test_a_page_that_is_right_is_not_found(
    connection: Connection, schema: Schema, text: str
) -> None:
    asked = query(text, "page")
    prepare(connection, asked.json_text)
    assert errors(asked, schema) == []


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (PAGE.replace("BY i.name, i.id", "BY i.id, i.name"), 7, "ORDER BY name, id"),
        (PAGE.replace("BY i.name, i.id", "BY i.name"), 7, "ORDER BY name, id"),
        (PAGE.replace("BY i.name, i.id", "BY i.name, i.id, i.n"), 7, "ORDER BY name, id"),
        (PAGE.replace("BY i.name, i.id", "BY i.name, i.id DESC"), 7, "in one direction"),
        (PAGE.replace("BY i.name, i.id", "BY lower(i.name), i.id"), 7, "ORDER BY name, id"),
        (PAGE.replace("BY i.name, i.id", "BY i.code, i.id"), 7, "ORDER BY name, id"),
        (PAGE.replace("BY i.name, i.id", "BY 2, 1"), 1, "ORDER BY name, id"),
        (PAGE.replace(":limit + 1", ":limit"), 8, "LIMIT :limit + 1"),
        (PAGE.replace(":limit + 1", ":limit + 2"), 8, "LIMIT :limit + 1"),
        (PAGE.replace(":limit + 1", ":limit - 1"), 8, "LIMIT :limit + 1"),
        (PAGE.replace(") > (", ") < ("), 6, "(name, id) > (:after_name, :after_id)"),
        (PAGE.replace(") > (", ") >= ("), 6, "(name, id) > (:after_name, :after_id)"),
        (DOWN.replace(") < (", ") > ("), 6, "(name, id) < (:after_name, :after_id)"),
        (PAGE.replace("(i.name, i.id)", "(i.code, i.id)"), 6, "(name, id) > "),
        (PAGE.replace("(i.name, i.id)", "(lower(i.name), i.id)"), 6, "(name, id) > "),
        (PAGE.replace("(:after_name,", "(coalesce(:after_name),"), 6, "(name, id) > "),
        (BY_ID.replace("i.id > :after_id", "NOT i.id > :after_id"), 6, "(id) > (:after_id)"),
        (MERGED.replace("(i.note, i.id)", "(i.code, i.id)"), 0, "(name, id) > "),
        (MERGED.replace("i.note AS name", "i.kind AS name"), 0, "(name, id) > "),
    ],
)
def test_a_page_that_would_skip_or_repeat_rows_is_found(
    schema: Schema, text: str, line: int, message: str
) -> None:
    [(at, found)] = errors(query(text, "page"), schema)
    assert (at, message in found) == (line, True), found


def test_a_page_returns_its_keyset(schema: Schema) -> None:
    found = errors(query(PAGE.replace("    i.name\n", "    i.kind\n"), "page"), schema)
    assert [line for line, _ in found] == [6, 7]


@statements("""
SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id ORDER BY i.id LIMIT :limit + 1

UPDATE scratch.items AS i SET n = :limit WHERE i.tenant_id = :tenant_id AND i.id > :after_id RETURNING i.id
""")
def test_a_page_has_a_keyset(schema: Schema, text: str) -> None:
    [(line, message)] = errors(query(text, "page"), schema)
    assert (line, message) == (0, "`:page` is a SELECT with a keyset, parameters after_<column>")
