"""Columns are named, and what is limited is ordered."""

from service.queries.review.schema import Schema
from tests.queries.review.helpers import Connection, errors, marked, prepare, query, statements


@statements("""
SELECT
    * -- here
FROM scratch.labels AS l

SELECT
    l.id,
    l.* -- here
FROM scratch.labels AS l

SELECT
    (l).* -- here
FROM scratch.labels AS l

SELECT 1 AS x
FROM scratch.labels AS l
WHERE EXISTS (SELECT * FROM scratch.labels AS m) -- here

WITH a AS (
    SELECT * FROM scratch.labels AS l -- here
)
SELECT a.id FROM a

SELECT * FROM (SELECT 1 AS id) AS s -- here
UNION ALL
SELECT 2

SELECT 1 AS id
UNION ALL
SELECT * FROM (SELECT 2 AS id) AS s -- here

INSERT INTO scratch.labels AS l (id)
VALUES (3)
RETURNING * -- here

UPDATE scratch.labels AS l
SET label = ''
RETURNING l.* -- here

DELETE FROM scratch.labels AS l
RETURNING
    * -- here
""")
def test_a_star_for_columns_is_found(connection: Connection, schema: Schema, text: str) -> None:
    asked = query(text)
    prepare(connection, asked.text)
    assert errors(asked, schema) == [(*marked(text), "`*` for columns: name them")]


@statements("""
SELECT count(*) FROM scratch.labels AS l

SELECT count(l.*) FROM scratch.labels AS l

SELECT 2 * 3 AS six

SELECT row_to_json(l) AS label FROM scratch.labels AS l

SELECT row_to_json(l.*) AS label FROM scratch.labels AS l

SELECT (l).id FROM scratch.labels AS l
""")
def test_another_star_is_not_found(connection: Connection, schema: Schema, text: str) -> None:
    asked = query(text)
    prepare(connection, asked.text)
    assert errors(asked, schema) == []


@statements("""
SELECT l.id
FROM scratch.labels AS l
LIMIT :limit -- here

SELECT 1 AS id
UNION ALL
SELECT 2
LIMIT :limit -- here

SELECT l.id
FROM scratch.labels AS l
WHERE l.id IN (
    SELECT m.id
    FROM scratch.labels AS m
    LIMIT :limit -- here
)
ORDER BY l.id
LIMIT :limit

SELECT s.id
FROM (SELECT l.id FROM scratch.labels AS l ORDER BY l.id LIMIT :limit) AS s
LIMIT :limit -- here

-- The parser does not tell where a constant is: the SELECT is found instead.
SELECT
    l.id -- here
FROM scratch.labels AS l
LIMIT 1

SELECT l.id -- here
FROM scratch.labels AS l
FETCH FIRST ROW ONLY
""")
def test_a_limit_without_order_is_found(connection: Connection, schema: Schema, text: str) -> None:
    asked = query(text)
    prepare(connection, asked.text)
    assert errors(asked, schema) == [(*marked(text), "LIMIT without ORDER BY")]


@statements("""
SELECT l.id FROM scratch.labels AS l ORDER BY l.id LIMIT :limit

SELECT 1 AS id UNION ALL SELECT 2 ORDER BY id LIMIT 1

SELECT s.id FROM ((SELECT 1 AS id ORDER BY id LIMIT 1) UNION ALL (SELECT 2 ORDER BY 1 LIMIT 1)) AS s

SELECT l.id FROM scratch.labels AS l ORDER BY l.id FETCH FIRST 2 ROWS WITH TIES
""")
def test_a_limit_with_order_is_not_found(connection: Connection, schema: Schema, text: str) -> None:
    asked = query(text)
    prepare(connection, asked.text)
    assert errors(asked, schema) == []
