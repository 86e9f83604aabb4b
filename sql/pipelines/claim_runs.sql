-- name: pipelines.claim_runs :many
-- Gives runs that are due to a worker, under a lease, whoever's they are, the oldest first. A run is given to one
-- worker only: others skip its locked row. After enter_for_all_users. Indexes: runs_due, stage_outputs_stage_key.
-- param: tenant_id        uuid      = '00000000-0000-7000-8000-000000000001'
-- param: worker           text      = 'pipeline-1'
-- param: pipeline_version text NULL = '2.1'
-- param: lease_id         uuid      = '00000000-0000-7000-8000-000000000009'
-- param: lease            interval  = '60 seconds'
-- param: limit            int       = 10
-- not null: completed_stages, lease_id, lease_expires_at
WITH due AS (
    SELECT r.id
    FROM pipelines.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'pending'
        AND r.due_at <= now()
    ORDER BY r.due_at, r.id
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
),

claimed AS (
    UPDATE pipelines.runs AS r
    SET
        status = 'running',
        pipeline_version = :pipeline_version,
        locked_by = :worker,
        lease_id = :lease_id,
        lease_expires_at = now() + :lease,
        started_at = now(),
        attempts = r.attempts + 1
    WHERE r.tenant_id = :tenant_id
        AND r.id = any(array(SELECT due.id FROM due))
    RETURNING
        r.id,
        r.user_id,
        r.company_id,
        r.company_name,
        r.document_name,
        r.document_url,
        r.document_type,
        r.document_size,
        r.current_stage,
        r.attempts,
        r.max_attempts,
        r.lease_id,
        r.lease_expires_at,
        r.due_at
)

SELECT
    claimed.id,
    claimed.user_id,
    claimed.company_id,
    claimed.company_name,
    claimed.document_name,
    claimed.document_url,
    claimed.document_type,
    claimed.document_size,
    claimed.current_stage,
    array(
        SELECT s.stage_number
        FROM pipelines.stage_outputs AS s
        WHERE s.tenant_id = :tenant_id
            AND s.run_id = claimed.id
            AND s.status = 'completed'
        ORDER BY s.stage_number
    ) AS completed_stages,
    claimed.attempts,
    claimed.max_attempts,
    claimed.lease_id,
    claimed.lease_expires_at
FROM claimed
ORDER BY claimed.due_at, claimed.id;
