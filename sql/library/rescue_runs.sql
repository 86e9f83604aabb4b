-- name: library.rescue_runs :exec
-- Leases that ran out: their workers are gone, so the runs are due again, each time after twice the delay, as a run may
-- be what kills its worker; or fail when they have used up their attempts. Their leases are lost for good. 100 at a
-- time, so that no claim takes long over it; runs before every claim, after enter_for_all_users and lock_run_counts.
-- Index: runs_leased.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: delay     interval = '30 seconds'
-- param: max_delay interval = '1 hour'
WITH lost AS (
    SELECT
        r.id,
        CASE WHEN r.attempts >= r.max_attempts THEN 'failed' ELSE 'scheduled' END AS status,
        now() + least(:delay::interval * power(2, least(r.attempts - 1, 30)), :max_delay) AS next_try
    FROM library.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'in_progress'
        AND r.was_run_automatically
        AND r.lease_expires_at <= now()
    ORDER BY r.lease_expires_at
    LIMIT 100
    FOR UPDATE SKIP LOCKED
)

UPDATE library.runs AS r
SET
    status = lost.status,
    due_at = CASE WHEN lost.status = 'scheduled' THEN lost.next_try ELSE r.due_at END,
    lease_id = NULL,
    lease_expires_at = NULL,
    error = 'the lease ran out before the worker reported'
FROM lost
WHERE r.tenant_id = :tenant_id
    AND r.id = lost.id;
