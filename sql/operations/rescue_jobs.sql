-- name: operations.rescue_jobs :exec
-- Leases that ran out: their workers are gone, so the jobs go back into the queue, each time after twice the delay,
-- as a job may be what kills its worker; or fail when they have used up their attempts. Their leases are lost for good.
-- Runs before every claim. Index: jobs_leased.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: delay     interval = '30 seconds'
-- param: max_delay interval = '1 hour'
WITH lost AS (
    SELECT
        j.id,
        CASE WHEN j.attempts >= j.max_attempts THEN 'failed' ELSE 'queued' END AS status,
        CASE WHEN j.attempts >= j.max_attempts THEN now() END AS finished_at,
        now() + least(:delay::interval * power(2, least(j.attempts - 1, 30)), :max_delay) AS next_try
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.status = 'running'
        AND j.lease_expires_at <= now()
    FOR UPDATE SKIP LOCKED
),

rescued AS (
    UPDATE operations.jobs AS j
    SET
        status = lost.status,
        run_at = CASE lost.status WHEN 'queued' THEN lost.next_try ELSE j.run_at END,
        lease_id = NULL,
        lease_expires_at = NULL,
        error = 'the lease ran out before the worker reported',
        finished_at = lost.finished_at
    FROM lost
    WHERE j.tenant_id = :tenant_id
        AND j.id = lost.id
    RETURNING
        j.id,
        j.type,
        j.status
)

INSERT INTO operations.notifications (tenant_id, type, payload)
SELECT
    :tenant_id,
    CASE WHEN rescued.type IN ('draft', 'generate-video') THEN 'job_failed' ELSE 'ingest_failed' END,
    jsonb_build_object('job_id', rescued.id, 'type', rescued.type)
FROM rescued
WHERE rescued.status = 'failed';
