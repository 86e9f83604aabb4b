-- name: operations.fail_job :maybe
-- A worker could not do the job: it is tried again, each time after twice the delay, as its type says, until its
-- attempts are used up or the worker says that trying again is of no use. No row when the worker's lease is lost.
-- scan: operations.job_types: it has a few rows
-- row: job
-- param: tenant_id uuid       = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid       = '00000000-0000-7000-8000-00000000000a'
-- param: lease_id  uuid       = '00000000-0000-7000-8000-000000000009'
-- param: error     text       = 'timeout'
-- param: retry     boolean    = true
-- param: metrics   jsonb NULL = NULL
-- param: jitter    float8     = 1
WITH lost AS (
    SELECT
        j.id,
        j.type,
        j.attempts,
        j.max_attempts
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.id = :id
        AND j.lease_id = :lease_id
        AND j.lease_expires_at > now()
    FOR UPDATE
),

outcome AS (
    SELECT
        lost.id,
        t.failed_notification,
        NOT :retry OR lost.attempts >= lost.max_attempts AS is_final,
        now() AS failed_at,
        now() + make_interval(
            secs => :jitter * least(
                t.first_delay_seconds * power(2, least(lost.attempts - 1, 30)), t.longest_delay_seconds
            )
        ) AS next_try
    FROM lost
    INNER JOIN operations.job_types AS t ON t.type = lost.type
),

failed AS (
    UPDATE operations.jobs AS j
    SET
        status = CASE WHEN outcome.is_final THEN 'failed' ELSE 'queued' END,
        run_at = CASE WHEN outcome.is_final THEN j.run_at ELSE outcome.next_try END,
        finished_at = CASE WHEN outcome.is_final THEN outcome.failed_at END,
        lease_expires_at = NULL,
        error = :error,
        metrics = coalesce(:metrics, j.metrics)
    FROM outcome
    WHERE j.tenant_id = :tenant_id
        AND j.id = outcome.id
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
        j.created_at
),

notification AS (
    INSERT INTO operations.notifications AS n (tenant_id, type, payload)
    SELECT
        :tenant_id,
        outcome.failed_notification,
        jsonb_build_object('job_id', failed.id, 'type', failed.type)
    FROM failed
    CROSS JOIN outcome
    WHERE failed.status = 'failed'
    RETURNING n.id
)

SELECT
    failed.id,
    failed.type,
    failed.unique_key,
    failed.unique_while,
    failed.status,
    failed.priority,
    failed.payload,
    failed.run_at,
    failed.attempts,
    failed.max_attempts,
    failed.locked_by,
    failed.lease_expires_at,
    failed.started_at,
    failed.times_out_at,
    failed.finished_at,
    failed.error,
    failed.progress,
    failed.metrics,
    failed.created_at
FROM failed;
