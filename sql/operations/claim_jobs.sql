-- name: operations.claim_jobs :many
-- Gives jobs of a type that are due to a worker, under a lease, the most urgent first. A job is given to one
-- worker only: others skip its locked row. Index: jobs_due.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: type      text     = 'draft'
-- param: worker    text     = 'drafter-1'
-- param: lease_id  uuid     = '00000000-0000-7000-8000-000000000009'
-- param: lease     interval = '60 seconds'
-- param: limit     int      = 10
-- not null: lease_id, lease_expires_at
WITH due AS (
    SELECT j.id
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.type = :type
        AND j.status = 'queued'
        AND j.run_at <= now()
    ORDER BY j.priority DESC, j.run_at ASC, j.id ASC
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
),

claimed AS (
    UPDATE operations.jobs AS j
    SET
        status = 'running',
        locked_by = :worker,
        lease_id = :lease_id,
        lease_expires_at = now() + :lease,
        started_at = now(),
        attempts = j.attempts + 1
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
    claimed.lease_expires_at
FROM claimed
ORDER BY claimed.priority DESC, claimed.run_at ASC, claimed.id ASC;
