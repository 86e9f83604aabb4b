"""Statements run on Citus as they do on PostgreSQL: what does not is found, and the form that does is not."""

import re
from typing import Any

from service.queries import Query
from service.queries.review.schema import Schema
from tests.queries.review.helpers import Connection, errors, prepare, query, statements


def broken(asked: Query[Any], schema: Schema) -> set[tuple[int, int]]:
    """The lines at which rules are broken, with the numbers of these."""
    found = [(line, re.search(r"rule (\d+)\)$", told)) for line, told in errors(asked, schema)]
    return {(line, int(rule[1])) for line, rule in found if rule}


@statements("""
SELECT
    set_config('app.actor', :text, true), -- rule 10
    pg_catalog.set_config('app.actor', :text, true) -- rule 10

SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin -- rule 35

SELECT txid_snapshot_xmin(txid_current_snapshot()) AS xmin -- rule 35

WITH log AS (
    SELECT pg_snapshot_xmin(pg_catalog.pg_current_snapshot()) AS xmin -- rule 35
    FROM scratch.items AS i
    WHERE i.tenant_id = :tenant_id
)
UPDATE scratch.items AS i
SET note = log.xmin::text
FROM log
WHERE i.tenant_id = :tenant_id

UPDATE scratch.items AS i
SET note = pg_current_xact_id()::text -- rule 22
WHERE i.tenant_id = :tenant_id

INSERT INTO scratch.items (tenant_id, id, note, name)
VALUES (
    :tenant_id,
    :id,
    pg_catalog.pg_current_xact_id()::text, -- rule 22
    scratch.transaction_of(:tenant_id) -- rule 22
)

WITH known AS (
    SELECT scratch.transaction() AS note -- rule 22
)
INSERT INTO scratch.items (tenant_id, id, note)
SELECT
    :tenant_id,
    :id,
    known.note
FROM known
ON CONFLICT DO NOTHING

SELECT
    pg_try_advisory_xact_lock(1), -- rule 39
    scratch.lock(:tenant_id), -- rule 39
    scratch.lock_all(:tenant_id) -- rule 39

SELECT scratch.count_all(:tenant_id) AS number -- rule 39
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id

UPDATE scratch.items AS i
SET n = 1
FROM scratch.labels AS l
INNER JOIN scratch.messages AS m ON l.id = m.id AND random() < 0.5 -- rule 12
WHERE i.tenant_id = :tenant_id
    AND i.n = l.id

UPDATE scratch.items AS i
SET
    deleted_at = CASE WHEN :text = 'x' THEN now() END, -- rule 12
    name = coalesce(i.name, concat(:text, 'x')), -- rule 12
    note = format('%s', i.note), -- rule 12
    slot = to_jsonb(i.*) ->> 'slot', -- rule 12
    code = CASE WHEN i.code = 'x' THEN current_date::text END, -- rule 12
    kind = gen_random_uuid()::text -- rule 12
WHERE i.tenant_id = :tenant_id
    AND i.deleted_at + interval '1 day' < now() -- rule 12
    AND now() - i.n * '1 second'::interval < now() -- rule 12
    AND now() < i.deleted_at + make_interval(days => 1) -- rule 12
    AND date_trunc('day', i.deleted_at) < now() -- rule 12

DELETE FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id
    AND coalesce(i.deleted_at, now()) < :text::timestamptz -- rule 12

WITH changed AS (
    UPDATE scratch.items AS i
    SET note = concat(i.note, 'x') -- rule 12
    WHERE i.tenant_id = :tenant_id
    RETURNING i.id
)
SELECT changed.id
FROM changed

INSERT INTO scratch.items AS i (tenant_id, id)
VALUES (:tenant_id, :id)
RETURNING
    i.id, -- rule 13
    jsonb_build_object('id', i.id) AS item

DELETE FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id
RETURNING i.deleted_at + interval '1 day' AS kept_until -- rule 13

INSERT INTO scratch.items AS i (tenant_id, id)
VALUES (:tenant_id, :id)
ON CONFLICT (tenant_id, id) DO UPDATE -- rule 14
    SET deleted_at = now()

INSERT INTO scratch.items AS i (tenant_id, id, deleted_at)
VALUES (:tenant_id, :id, now())
ON CONFLICT (tenant_id, id) DO UPDATE -- rule 14
    SET deleted_at = excluded.deleted_at + interval '1 day'

INSERT INTO scratch.items AS i (tenant_id, id, n)
VALUES (
    :tenant_id,
    :id,
    (SELECT count(*) FROM scratch.labels) -- rule 14
)
ON CONFLICT (tenant_id, id) DO UPDATE
    SET n = (SELECT count(*) FROM scratch.labels) -- rule 14
    WHERE i.n IN (SELECT l.id FROM scratch.labels AS l) -- rule 14

MERGE INTO scratch.items AS i -- rule 14
USING scratch.labels AS l
    ON i.tenant_id = :tenant_id AND i.n = l.id
WHEN MATCHED THEN DELETE

SELECT
    i.id,
    scratch.label_of(1), -- rule 23
    (SELECT scratch.name_of(1)) -- rule 23
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id

WITH known AS (
    SELECT CASE i.kind WHEN 'a' THEN 'b' END AS kind -- rule 24
    FROM scratch.items AS i
    WHERE i.tenant_id = :tenant_id
)
DELETE FROM scratch.items AS i
USING known
WHERE i.tenant_id = :tenant_id
    AND i.kind = known.kind

SELECT i.id
FROM scratch.items AS i
LEFT OUTER JOIN scratch.labels AS l ON l.id = i.n
WHERE i.tenant_id = :tenant_id
    AND :text::text IS NOT NULL -- rule 25
    AND (:number::bigint IS NULL OR EXISTS (SELECT FROM scratch.messages)) -- rule 25

SELECT i.id
FROM scratch.items AS i
LEFT OUTER JOIN scratch.labels AS l
    ON l.id = i.n
        AND :number::bigint IS NULL -- rule 25
INNER JOIN scratch.messages AS m
    ON m.id = l.id
        AND :text::text IS NULL -- rule 25
WHERE i.tenant_id = :tenant_id

WITH copied AS (
    INSERT INTO scratch.items (tenant_id, id) -- rule 28
    SELECT
        :tenant_id,
        u.id
    FROM unnest(:text::uuid []) AS u (id)
)
INSERT INTO scratch.items (tenant_id, id) -- rule 28
SELECT
    :tenant_id,
    :id

WITH found AS (
    SELECT
        i.id,
        i, -- rule 29
        row(i.id, i.n) AS pair, -- rule 29
        CASE WHEN i.n = 1 THEN i END AS one, -- rule 29
        ARRAY[coalesce(i, i)] AS several -- rule 29
    FROM scratch.items AS i
    WHERE i.tenant_id = :tenant_id
),
changed AS (
    UPDATE scratch.items AS i
    SET n = 1
    WHERE i.tenant_id = :tenant_id
    RETURNING i -- rule 29
),
either AS (
    SELECT found -- rule 29
    FROM found
    UNION ALL
    SELECT found
    FROM found
)
SELECT either.found
FROM either
""")
def test_what_breaks_a_rule_is_found_where_it_does(
    schema: Schema, connection: Connection, text: str
) -> None:
    asked = query(text)
    prepare(connection, asked.text)
    assert sorted(broken(asked, schema)) == [
        (line, int(match[1]))
        for line, part in enumerate(text.split("\n"), start=1)
        if (match := re.search(r"-- rule (\d+)$", part))
    ]


# The forms that work.
@statements("""
SELECT operations.set_local('app.actor', :text)

-- 12: computed before, or immutable, or without a column.
WITH now_or_never AS (
    SELECT CASE WHEN :text = 'x' THEN now() END AS moment
)
UPDATE scratch.items AS i
SET
    deleted_at = now_or_never.moment,
    name = coalesce(i.name, lower(:text)),
    n = i.n + CASE WHEN :text::interval > interval '1 day' THEN 1 ELSE 0 END,
    note = CASE WHEN i.kind = 'a' THEN upper(i.note) END,
    slot = (SELECT concat(i.slot, 'x'))
FROM now_or_never
WHERE i.tenant_id = :tenant_id
    AND i.deleted_at < now() - interval '1 day'

UPDATE scratch.items AS i
SET deleted_at = now() + :text::interval
WHERE i.tenant_id = :tenant_id

-- 35: the snapshot of the server that keeps the row.
SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id

WITH log AS (
    SELECT operations.horizon(i.tenant_id) AS xmin
    FROM scratch.items AS i
    WHERE i.tenant_id = :tenant_id
)
UPDATE scratch.items AS i
SET note = log.xmin::text
FROM log
WHERE i.tenant_id = :tenant_id

-- 22: what only reads asks the server with the rows; what writes does with a column.
SELECT scratch.transaction() AS note
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id

WITH log AS (
    SELECT scratch.transaction_of(i.tenant_id) AS note
    FROM scratch.items AS i
    WHERE i.tenant_id = :tenant_id
)
UPDATE scratch.items AS i
SET note = log.note
FROM log
WHERE i.tenant_id = :tenant_id

INSERT INTO scratch.labels (id, label)
VALUES (:number, pg_current_xact_id()::text)

-- 39: where the tenant's rows are.
SELECT
    scratch.lock_all(i.tenant_id),
    scratch.count_all(i.tenant_id) AS number
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id

-- What a SELECT computes is its own.
SELECT
    coalesce(i.deleted_at, now()) AS deleted_at,
    date_trunc('day', i.deleted_at + interval '1 day') AS day,
    CASE i.kind WHEN 'a' THEN 'b' END AS kind
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id

-- 13
WITH made AS (
    INSERT INTO scratch.items AS i (tenant_id, id)
    VALUES (:tenant_id, :id)
    RETURNING
        i.id,
        upper(i.name) AS name
)
SELECT jsonb_build_object('id', made.id) AS item
FROM made

-- 14
INSERT INTO scratch.items AS i (tenant_id, id, deleted_at, n)
VALUES (:tenant_id, :id, now(), CASE WHEN :text = 'x' THEN 1 END)
ON CONFLICT (tenant_id, id) DO UPDATE
    SET
        deleted_at = excluded.deleted_at,
        n = coalesce(i.n, 0) + excluded.n
    WHERE i.deleted_at IS NULL

-- 14, 28
INSERT INTO scratch.items AS i (tenant_id, id, n)
SELECT
    :tenant_id,
    :id,
    (SELECT count(*) FROM scratch.labels)
ON CONFLICT DO NOTHING

INSERT INTO scratch.items AS i (tenant_id, id)
SELECT
    :tenant_id,
    u.id
FROM unnest(:text::uuid []) AS u (id)
RETURNING i.id

-- 23: the tenant's own rows are where the statement is sent; and what is of no tenant is anywhere.
SELECT
    scratch.kind_of(i.tenant_id, i.id) AS kind,
    (SELECT l.label FROM scratch.labels AS l WHERE l.id = 1) AS label
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id

SELECT scratch.name_of(l.id) AS name
FROM scratch.labels AS l

-- 24
UPDATE scratch.items AS i
SET kind = CASE WHEN i.kind = 'a' THEN 'b' END
WHERE i.tenant_id = :tenant_id

-- 25
SELECT
    i.id,
    (SELECT l.label FROM scratch.labels AS l WHERE l.id = i.n) AS label
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id
    AND (:number::bigint IS NULL OR EXISTS (SELECT FROM scratch.messages))

SELECT i.id
FROM scratch.items AS i
LEFT OUTER JOIN scratch.labels AS l ON l.id = i.n
WHERE i.tenant_id = :tenant_id
    AND (:text::text IS NULL OR l.label = :text)
    AND EXISTS (
        SELECT FROM scratch.messages AS m
        WHERE m.id = i.n
    )

SELECT i.id
FROM scratch.items AS i
INNER JOIN scratch.labels AS l ON l.id = i.n
WHERE i.tenant_id = :tenant_id
    AND :text::text IS NULL

SELECT i.id
FROM scratch.items AS i
LEFT OUTER JOIN LATERAL (SELECT l.label FROM scratch.labels AS l WHERE l.id = i.n) AS named ON true
WHERE i.tenant_id = :tenant_id

-- 29: a column or a function may have the name of what it is of.
WITH found AS (
    SELECT
        to_json(i) AS item,
        CASE WHEN i.kind = 'a' THEN coalesce(to_json(i), '{}') END AS of_a,
        (i.id, i.n) = (i.tenant_id, 1) AS is_one,
        word,
        label
    FROM scratch.items AS i
    CROSS JOIN scratch.labels AS label
    CROSS JOIN unnest(:text::text []) AS word
    WHERE i.tenant_id = :tenant_id
)
SELECT found.item
FROM found
""")
def test_the_forms_that_work_are_not_found(
    schema: Schema, connection: Connection, text: str
) -> None:
    asked = query(text)
    prepare(connection, asked.text)
    assert broken(asked, schema) == set()
