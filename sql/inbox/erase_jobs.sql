-- name: inbox.erase_jobs :one
-- Looks at some jobs, in the order of their ids, and deletes those that name a customer's address, also in the error of
-- an attempt, or a conversation that is theirs or no longer there. Their attempts go with them. A dry run only counts.
-- `last_id` is where the next batch begins, NULL at the end.
-- Index: the primary key, then job_attempts_job.
-- scan: operations.job_attempts: only where a tenant has few
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: email     text    = 'kim@example.com'
-- param: mention   text    = 'kim@example\.com'
-- param: after_id  uuid    = '00000000-0000-0000-0000-000000000000'
-- param: limit     int     = 1000
-- param: dry_run   boolean = true
-- not null: rows, attempts
WITH looked AS MATERIALIZED (
    SELECT
        j.id,
        concat_ws(' ', j.unique_key, j.payload::text, j.error, j.metrics::text) ~* :mention AS names_address,
        CASE
            WHEN j.payload ->> 'conversation_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                THEN (j.payload ->> 'conversation_id')::uuid
        END AS conversation_id
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.id > :after_id
    ORDER BY j.id
    LIMIT :limit
),

failed AS (
    SELECT a.job_id
    FROM operations.job_attempts AS a
    WHERE a.tenant_id = :tenant_id
        AND a.job_id = any(array(SELECT looked.id FROM looked))
        AND a.error ~* :mention
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
        OR looked.id = any(array(SELECT failed.job_id FROM failed))
),

erased AS (
    DELETE FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.id = any(array(SELECT found.id FROM found))
        AND NOT :dry_run
    RETURNING j.id
)

SELECT
    CASE WHEN :dry_run THEN (SELECT count(*) FROM found) ELSE (SELECT count(*) FROM erased) END AS rows,
    (
        SELECT count(*)
        FROM operations.job_attempts AS a
        WHERE a.tenant_id = :tenant_id
            AND a.job_id = any(array(SELECT found.id FROM found))
    ) AS attempts,
    (array_agg(looked.id ORDER BY looked.id DESC))[1] AS last_id
FROM looked;
