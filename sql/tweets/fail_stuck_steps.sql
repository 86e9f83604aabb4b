-- name: tweets.fail_stuck_steps :many
-- Takes the steps that have been running for too long for failed, the first that began first; at most 1000. One that
-- somebody is just finishing is left to them. Index: ingestion_steps_unfinished.
-- row: episode_step
-- param: tenant_id        uuid = '00000000-0000-7000-8000-000000000001'
-- param: older_than_hours int  = 24
WITH stuck AS (
    SELECT
        s.id,
        now() AS failed_at,
        format('was running for more than %s hours, and was reset', :older_than_hours::int) AS reason
    FROM tweets.ingestion_steps AS s
    WHERE s.tenant_id = :tenant_id
        AND s.status = 'running'
        AND s.finished_at IS NULL
        AND s.started_at < now() - make_interval(hours => :older_than_hours)
    ORDER BY s.started_at, s.id
    LIMIT 1000
    FOR UPDATE SKIP LOCKED
),

failed AS (
    UPDATE tweets.ingestion_steps AS s
    SET
        status = 'failed',
        finished_at = stuck.failed_at,
        error = stuck.reason
    FROM stuck
    WHERE s.tenant_id = :tenant_id
        AND s.id = stuck.id
    RETURNING
        s.id,
        s.episode_id,
        s.name,
        s.position,
        s.status,
        s.attempts,
        s.started_at,
        s.finished_at,
        s.error,
        s.created_at,
        s.updated_at,
        s.revision
)

SELECT
    failed.id,
    failed.episode_id,
    failed.name,
    failed.position,
    failed.status,
    failed.attempts,
    failed.started_at,
    failed.finished_at,
    failed.error,
    failed.created_at,
    failed.updated_at,
    failed.revision
FROM failed
ORDER BY failed.started_at, failed.id;
