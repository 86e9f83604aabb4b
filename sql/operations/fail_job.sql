-- name: operations.fail_job :maybe
-- A worker could not do the job: it is tried again, each time after twice the delay, until its attempts are
-- used up or the worker says that trying again is of no use. No row when the worker's lease is lost.
-- row: job
-- param: tenant_id uuid       = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid       = '00000000-0000-7000-8000-00000000000a'
-- param: lease_id  uuid       = '00000000-0000-7000-8000-000000000009'
-- param: error     text       = 'timeout'
-- param: retry     boolean    = true
-- param: metrics   jsonb NULL = NULL
-- param: delay     interval   = '30 seconds'
-- param: max_delay interval   = '1 hour'
WITH lost AS (
    SELECT
        j.id,
        NOT :retry OR j.attempts >= j.max_attempts AS is_final,
        now() AS failed_at,
        now() + least(:delay::interval * power(2, least(j.attempts - 1, 30)), :max_delay) AS next_try
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.id = :id
        AND j.lease_id = :lease_id
        AND j.lease_expires_at > now()
    FOR UPDATE
),

failed AS (
    UPDATE operations.jobs AS j
    SET
        status = CASE WHEN lost.is_final THEN 'failed' ELSE 'queued' END,
        run_at = CASE WHEN lost.is_final THEN j.run_at ELSE lost.next_try END,
        finished_at = CASE WHEN lost.is_final THEN lost.failed_at END,
        lease_expires_at = NULL,
        error = :error,
        metrics = :metrics
    FROM lost
    WHERE j.tenant_id = :tenant_id
        AND j.id = lost.id
    RETURNING
        j.id,
        j.type,
        j.unique_key,
        j.status,
        j.priority,
        j.payload,
        j.run_at,
        j.attempts,
        j.max_attempts,
        j.locked_by,
        j.lease_expires_at,
        j.started_at,
        j.finished_at,
        j.error,
        j.metrics,
        j.created_at
),

notification AS (
    INSERT INTO operations.notifications AS n (tenant_id, type, payload)
    SELECT
        :tenant_id,
        CASE WHEN failed.type IN ('draft', 'generate-video') THEN 'job_failed' ELSE 'ingest_failed' END,
        jsonb_build_object('job_id', failed.id, 'type', failed.type)
    FROM failed
    WHERE failed.status = 'failed'
    RETURNING n.id
)

SELECT
    failed.id,
    failed.type,
    failed.unique_key,
    failed.status,
    failed.priority,
    failed.payload,
    failed.run_at,
    failed.attempts,
    failed.max_attempts,
    failed.locked_by,
    failed.lease_expires_at,
    failed.started_at,
    failed.finished_at,
    failed.error,
    failed.metrics,
    failed.created_at
FROM failed;
