"""Rows that LIMIT :limit leaves are not joined with the table that they are changed in: it would be read whole."""

from service.queries.review.schema import Schema
from tests.queries.review.helpers import Connection, errors, marked, prepare, query, statements

MESSAGE = (
    "the plan cannot know how few rows LIMIT leaves, and may read all of labels:"
    " say `l.id = any(array(SELECT ...))`"
)


@statements("""
WITH due AS (
    SELECT m.id FROM scratch.messages AS m ORDER BY m.id LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE scratch.labels AS l
SET label = ''
FROM due -- here
WHERE l.id = due.id
RETURNING l.id

WITH due AS (
    SELECT m.id FROM scratch.messages AS m ORDER BY m.id LIMIT :limit::bigint + 1
),
changed AS (
    UPDATE scratch.labels AS l
    SET label = ''
    FROM due AS d -- here
    WHERE l.id = d.id
    RETURNING l.id
)
SELECT changed.id FROM changed

WITH old AS (
    SELECT m.id FROM scratch.messages AS m ORDER BY m.id LIMIT :limit
)
DELETE FROM scratch.labels AS l
USING old -- here
WHERE l.id = old.id
RETURNING l.id

UPDATE scratch.labels AS l
SET label = ''
FROM (SELECT m.id FROM scratch.messages AS m ORDER BY m.id LIMIT :limit) AS due -- here
WHERE l.id = due.id
RETURNING l.id

UPDATE scratch.labels AS l
SET label = ''
WHERE l.id IN (SELECT m.id FROM scratch.messages AS m ORDER BY m.id LIMIT :limit) -- here
RETURNING l.id

WITH due AS (
    SELECT m.id FROM scratch.messages AS m ORDER BY m.id LIMIT :limit
)
DELETE FROM scratch.labels AS l
WHERE EXISTS (SELECT 1 FROM due WHERE due.id = l.id) -- here
RETURNING l.id

-- By way of another.
WITH due AS (
    SELECT m.id FROM scratch.messages AS m ORDER BY m.id LIMIT :limit
),
known AS (
    SELECT due.id FROM due INNER JOIN scratch.parents AS p ON p.id = due.id
)
UPDATE scratch.labels AS l
SET label = ''
FROM scratch.parents AS q
INNER JOIN known ON known.id = q.id -- here
WHERE l.id = q.id
RETURNING l.id
""")
def test_a_join_with_what_a_parameter_limits_is_found(
    connection: Connection, schema: Schema, text: str
) -> None:
    asked = query(text)
    prepare(connection, asked.text)
    assert errors(asked, schema) == [(*marked(text), MESSAGE)]


@statements("""
WITH due AS (
    SELECT m.id FROM scratch.messages AS m ORDER BY m.id LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE scratch.labels AS l
SET label = ''
WHERE l.id = any(array(SELECT due.id FROM due))
RETURNING l.id

-- The planner knows how many.
WITH due AS (
    SELECT m.id FROM scratch.messages AS m ORDER BY m.id LIMIT 10
)
UPDATE scratch.labels AS l
SET label = ''
FROM due
WHERE l.id = due.id
RETURNING l.id

WITH due AS (
    SELECT m.id FROM scratch.messages AS m ORDER BY m.id LIMIT :limit
),
counted AS (
    SELECT count(*) AS n FROM due
)
UPDATE scratch.labels AS l
SET label = counted.n::text
FROM counted
WHERE l.id = 1
RETURNING l.id

-- A table that is called as they are.
WITH messages AS (
    SELECT p.id FROM scratch.parents AS p ORDER BY p.id LIMIT :limit
)
UPDATE scratch.labels AS l
SET label = (SELECT max(messages.id)::text FROM messages)
FROM scratch.messages AS m
WHERE l.id = m.id
RETURNING l.id
""")
def test_what_keeps_the_index_is_not_found(
    connection: Connection, schema: Schema, text: str
) -> None:
    asked = query(text)
    prepare(connection, asked.text)
    assert errors(asked, schema) == []
