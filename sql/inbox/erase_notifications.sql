-- name: inbox.erase_notifications :one
-- Looks at some notifications, in the order of their ids, and deletes those that name a customer's address, or a
-- conversation that is theirs or no longer there; a dry run only counts. `last_id` is where the next batch begins, NULL
-- at the end.
-- Index: the primary key.
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: email     text    = 'kim@example.com'
-- param: mention   text    = 'kim@example\.com'
-- param: after_id  uuid    = '00000000-0000-0000-0000-000000000000'
-- param: limit     int     = 1000
-- param: dry_run   boolean = true
-- not null: rows
WITH looked AS MATERIALIZED (
    SELECT
        n.id,
        concat_ws(' ', n.unique_key, n.payload::text) ~* :mention AS names_address,
        CASE
            WHEN n.payload ->> 'conversation_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                THEN (n.payload ->> 'conversation_id')::uuid
        END AS conversation_id
    FROM operations.notifications AS n
    WHERE n.tenant_id = :tenant_id
        AND n.id > :after_id
    ORDER BY n.id
    LIMIT :limit
),

found AS MATERIALIZED (
    SELECT looked.id
    FROM looked
    LEFT OUTER JOIN inbox.conversations AS c
        ON c.tenant_id = :tenant_id
        AND c.id = looked.conversation_id
    WHERE looked.names_address
        OR (
            looked.conversation_id IS NOT NULL
            AND (c.id IS NULL OR c.customer_address = lower(btrim(:email)))
        )
),

erased AS (
    DELETE FROM operations.notifications AS n
    WHERE n.tenant_id = :tenant_id
        AND n.id = any(array(SELECT found.id FROM found))
        AND NOT :dry_run
    RETURNING n.id
)

SELECT
    CASE WHEN :dry_run THEN (SELECT count(*) FROM found) ELSE (SELECT count(*) FROM erased) END AS rows,
    (array_agg(looked.id ORDER BY looked.id DESC))[1] AS last_id
FROM looked;
