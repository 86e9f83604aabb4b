-- name: pipelines.rescue_runs :exec
-- Leases that ran out: their workers are gone, so the runs are due again, or fail when they have used up their
-- attempts. Runs before every claim, after enter_for_all_users. Index: runs_leased.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
WITH lost AS (
    SELECT
        r.id,
        CASE WHEN r.attempts >= r.max_attempts THEN 'failed' ELSE 'pending' END AS status,
        CASE WHEN r.attempts >= r.max_attempts THEN now() END AS completed_at
    FROM pipelines.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'running'
        AND r.lease_expires_at <= now()
    FOR UPDATE SKIP LOCKED
)

UPDATE pipelines.runs AS r
SET
    status = lost.status,
    completed_at = lost.completed_at,
    lease_expires_at = NULL,
    error_message = 'the lease ran out before the worker reported'
FROM lost
WHERE r.tenant_id = :tenant_id
    AND r.id = lost.id;
