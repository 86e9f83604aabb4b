-- name: library.claim_runs :many
-- Gives runs that are due to a worker, under a lease, whoever's they are, the oldest first. A run is given to one
-- worker only: others skip its locked row. After enter_for_all_users and lock_run_counts. Index: runs_due.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: worker    text     = 'runner-1'
-- param: lease_id  uuid     = '00000000-0000-7000-8000-000000000009'
-- param: lease     interval = '60 seconds'
-- param: limit     int      = 10
-- not null: config, lease_id, lease_expires_at
WITH due AS (
    SELECT r.id
    FROM library.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'scheduled'
        AND r.was_run_automatically
        AND r.due_at <= now()
    ORDER BY r.due_at, r.id
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
),

claimed AS (
    UPDATE library.runs AS r
    SET
        status = 'in_progress',
        locked_by = :worker,
        lease_id = :lease_id,
        lease_expires_at = now() + :lease,
        attempts = r.attempts + 1
    WHERE r.tenant_id = :tenant_id
        AND r.id = any(array(SELECT due.id FROM due))
    RETURNING
        r.id,
        r.version_id,
        r.user_id,
        r.team_id,
        r.name,
        r.data,
        r.attempts,
        r.max_attempts,
        r.lease_id,
        r.lease_expires_at,
        r.due_at
)

SELECT
    claimed.id,
    claimed.version_id,
    claimed.user_id,
    claimed.team_id,
    claimed.name,
    claimed.data,
    (
        SELECT v.config
        FROM library.resource_versions AS v
        WHERE v.tenant_id = :tenant_id
            AND v.id = claimed.version_id
    ) AS config,
    claimed.attempts,
    claimed.max_attempts,
    claimed.lease_id,
    claimed.lease_expires_at
FROM claimed
ORDER BY claimed.due_at, claimed.id;
