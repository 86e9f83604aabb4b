-- name: operations.claim_jobs :many
-- Gives jobs of a type that are due to a worker, under a lease, the most urgent first. A job is given to one
-- worker only: others skip its locked row. None is given while the type is paused, and no more than may run at once:
-- operations.lock_job_limits runs before it. No lease is longer than an attempt may run. Index: jobs_due.
-- scan: operations.jobs: those that are running, by their partial index
-- scan: operations.job_types: it has a few rows
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: type      text     = 'draft'
-- param: worker    text     = 'drafter-1'
-- param: lease_id  uuid     = '00000000-0000-7000-8000-000000000009'
-- param: lease     interval = '60 seconds'
-- param: limit     int      = 10
-- not null: lease_id, lease_expires_at, times_out_at
WITH running AS (
    SELECT count(*) AS jobs
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.type = :type
        AND j.status = 'running'
),

limits AS (
    SELECT
        -- Only where there is a limit are those that run counted.
        CASE
            WHEN coalesce(l.paused, false) THEN 0
            WHEN coalesce(l.concurrency, t.concurrency) IS NULL THEN :limit
            ELSE greatest(least(coalesce(l.concurrency, t.concurrency) - (SELECT running.jobs FROM running), :limit), 0)
        END AS room,
        now() AS started_at,
        make_interval(secs => coalesce(l.time_limit_seconds, t.time_limit_seconds)) AS time_limit
    FROM operations.job_types AS t
    LEFT OUTER JOIN operations.job_limits AS l
        ON l.tenant_id = :tenant_id
        AND l.type = t.type
    WHERE t.type = :type
),

lease AS (
    -- From one moment: on a cluster now() is another one in the UPDATE.
    SELECT
        limits.started_at,
        limits.started_at + limits.time_limit AS times_out_at,
        limits.started_at + least(:lease, limits.time_limit) AS expires_at
    FROM limits
),

due AS (
    SELECT j.id
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.type = :type
        AND j.status = 'queued'
        AND j.run_at <= now()
    ORDER BY j.priority DESC, j.run_at ASC, j.id ASC
    LIMIT (SELECT limits.room FROM limits)
    FOR UPDATE SKIP LOCKED
),

claimed AS (
    UPDATE operations.jobs AS j
    SET
        status = 'running',
        locked_by = :worker,
        lease_id = :lease_id,
        lease_expires_at = lease.expires_at,
        started_at = lease.started_at,
        times_out_at = lease.times_out_at,
        attempts = j.attempts + 1,
        progress = NULL,
        metrics = NULL
    FROM lease
    WHERE j.tenant_id = :tenant_id
        AND j.id = any(array(SELECT due.id FROM due))
    RETURNING
        j.id,
        j.type,
        j.payload,
        j.attempts,
        j.max_attempts,
        j.lease_id,
        j.lease_expires_at,
        j.times_out_at,
        j.priority,
        j.run_at
)

SELECT
    claimed.id,
    claimed.type,
    claimed.payload,
    claimed.attempts,
    claimed.max_attempts,
    claimed.lease_id,
    claimed.lease_expires_at,
    claimed.times_out_at
FROM claimed
ORDER BY claimed.priority DESC, claimed.run_at ASC, claimed.id ASC;
