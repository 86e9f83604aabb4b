-- name: operations.rescue_jobs :many
-- Leases that ran out, because their workers are gone or the attempts took as long as they may: the jobs go back into
-- the queue, each time after twice the delay, as a job may be what kills its worker; or fail when they have used up
-- their attempts. Their leases are lost for good. 100 at a time, so that no claim takes long over it; runs before every
-- claim. Index: jobs_leased.
-- scan: operations.job_types: it has a few rows
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: jitter    float8 = 1
WITH lost AS (
    SELECT
        j.id,
        j.type,
        j.attempts,
        j.max_attempts,
        j.times_out_at
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.status = 'running'
        AND j.lease_expires_at <= now()
    ORDER BY j.lease_expires_at
    LIMIT 100
    FOR UPDATE SKIP LOCKED
),

outcome AS (
    SELECT
        lost.id,
        t.failed_notification,
        CASE WHEN lost.attempts >= lost.max_attempts THEN 'failed' ELSE 'queued' END AS status,
        CASE WHEN lost.attempts >= lost.max_attempts THEN now() END AS finished_at,
        CASE
            WHEN lost.times_out_at <= now() THEN 'the attempt took longer than it may'
            ELSE 'the lease ran out before the worker reported'
        END AS error,
        now() + make_interval(
            secs => :jitter * least(
                t.first_delay_seconds * power(2, least(lost.attempts - 1, 30)), t.longest_delay_seconds
            )
        ) AS next_try
    FROM lost
    INNER JOIN operations.job_types AS t ON t.type = lost.type
),

rescued AS (
    UPDATE operations.jobs AS j
    SET
        status = outcome.status,
        run_at = CASE WHEN outcome.status = 'queued' THEN outcome.next_try ELSE j.run_at END,
        lease_id = NULL,
        lease_expires_at = NULL,
        error = outcome.error,
        finished_at = outcome.finished_at
    FROM outcome
    WHERE j.tenant_id = :tenant_id
        AND j.id = outcome.id
    RETURNING
        j.id,
        j.type,
        j.status
),

notification AS (
    INSERT INTO operations.notifications AS n (tenant_id, type, payload)
    SELECT
        :tenant_id,
        outcome.failed_notification,
        jsonb_build_object('job_id', rescued.id, 'type', rescued.type)
    FROM rescued
    INNER JOIN outcome ON outcome.id = rescued.id
    WHERE rescued.status = 'failed'
    RETURNING n.id
)

SELECT rescued.id
FROM rescued;
