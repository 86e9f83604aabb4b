"""What a replica answers neither writes nor locks."""

from service.queries.review.schema import Schema
from tests.queries.review.helpers import errors, marked, query, statements

REPLICA = "-- replica: an answer that is a little old will do\n"


@statements("""
INSERT INTO
    scratch.labels AS l (id) -- here
VALUES (3)
RETURNING l.id

UPDATE scratch.labels AS l -- here
SET label = ''
RETURNING l.id

WITH a AS (
    DELETE FROM scratch.labels AS l RETURNING l.id -- here
)
SELECT a.id FROM a

SELECT l.id -- here
FROM scratch.labels AS l
FOR UPDATE

SELECT l.id -- here
FROM scratch.labels AS l
FOR KEY SHARE OF l SKIP LOCKED

SELECT s.id
FROM (
    SELECT l.id FROM scratch.labels AS l FOR SHARE -- here
) AS s

SELECT
    nextval('x') AS n -- here

SELECT
    pg_catalog.setval('x', 1) AS n -- here

SELECT 1 AS n
WHERE pg_current_xact_id() IS NULL -- here

SELECT txid_current() AS n -- here

SELECT pg_notify('x', 'y') AS n -- here

SELECT pg_advisory_xact_lock(i.n) AS n -- here
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id

SELECT pg_try_advisory_lock_shared(i.n) AS n -- here
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id

SELECT lo_create(0) AS n -- here
""")
def test_what_a_replica_cannot_do_is_found(schema: Schema, text: str) -> None:
    [(line, message)] = errors(query(text, header=REPLICA), schema)
    assert [line] == marked(text)
    assert message.startswith("a replica cannot ")
    assert errors(query(text), schema) == []


@statements("""
SELECT l.id FROM scratch.labels AS l

SELECT operations.set_local('app.tenant_id', '') AS tenant, now() AS time

SELECT pg_current_xact_id_if_assigned() AS id, pg_snapshot_xmin(pg_current_snapshot()) AS oldest
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id

SELECT 'nextval' AS nextval
""")
def test_what_a_replica_can_do_is_not_found(schema: Schema, text: str) -> None:
    assert errors(query(text, header=REPLICA), schema) == []
