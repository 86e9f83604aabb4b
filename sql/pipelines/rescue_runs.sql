-- name: pipelines.rescue_runs :exec
-- Leases that ran out: their workers are gone, so the runs are due again, each time after twice the delay, as a run may
-- be what kills its worker; or fail when they have used up their attempts. Their leases are lost for good. 100 at a
-- time, so that no claim takes long over it; runs before every claim, after enter_for_all_users. Index: runs_leased.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: delay     interval = '30 seconds'
-- param: max_delay interval = '1 hour'
WITH lost AS (
    SELECT
        r.id,
        CASE WHEN r.attempts >= r.max_attempts THEN 'failed' ELSE 'pending' END AS status,
        CASE WHEN r.attempts >= r.max_attempts THEN now() END AS completed_at,
        now() + least(:delay::interval * power(2, least(r.attempts - 1, 30)), :max_delay) AS next_try
    FROM pipelines.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'running'
        AND r.lease_expires_at <= now()
    ORDER BY r.lease_expires_at
    LIMIT 100
    FOR UPDATE SKIP LOCKED
)

UPDATE pipelines.runs AS r
SET
    status = lost.status,
    due_at = CASE WHEN lost.status = 'pending' THEN lost.next_try ELSE r.due_at END,
    lease_id = NULL,
    completed_at = lost.completed_at,
    lease_expires_at = NULL,
    error_message = 'the lease ran out before the worker reported'
FROM lost
WHERE r.tenant_id = :tenant_id
    AND r.id = lost.id;
