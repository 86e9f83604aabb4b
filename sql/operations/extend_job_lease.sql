-- name: operations.extend_job_lease :maybe
-- A worker's heartbeat, with what it tells of its progress; no row when its lease is lost. The lease ends when the
-- attempt has run for as long as it may.
-- row: job
-- param: tenant_id uuid       = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid       = '00000000-0000-7000-8000-00000000000a'
-- param: lease_id  uuid       = '00000000-0000-7000-8000-000000000009'
-- param: lease     interval   = '60 seconds'
-- param: progress  int NULL   = NULL
-- param: metrics   jsonb NULL = NULL
WITH held AS (
    SELECT
        j.id,
        least(now() + :lease, j.times_out_at) AS lease_expires_at
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.id = :id
        AND j.lease_id = :lease_id
        AND j.lease_expires_at > now()
    FOR UPDATE
)

UPDATE operations.jobs AS j
SET
    lease_expires_at = held.lease_expires_at,
    progress = coalesce(:progress, j.progress),
    metrics = coalesce(:metrics, j.metrics)
FROM held
WHERE j.tenant_id = :tenant_id
    AND j.id = held.id
RETURNING
    j.id,
    j.type,
    j.unique_key,
    j.unique_while,
    j.status,
    j.priority,
    j.payload,
    j.run_at,
    j.attempts,
    j.max_attempts,
    j.locked_by,
    j.lease_expires_at,
    j.started_at,
    j.times_out_at,
    j.finished_at,
    j.error,
    j.progress,
    j.metrics,
    j.created_at;
