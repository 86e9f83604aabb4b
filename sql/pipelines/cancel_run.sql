-- name: pipelines.cancel_run :maybe
-- Ends a run of the user that is not over; who works on it loses its lease. No row when it is over, or the revision is
-- another.
-- row: pipeline_run
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid        = '00000000-0000-7000-8000-000000000002'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000021'
-- param: revision  bigint NULL = NULL
UPDATE pipelines.runs AS r
SET
    status = 'cancelled',
    completed_at = now(),
    lease_expires_at = NULL
WHERE r.tenant_id = :tenant_id
    AND r.user_id = :user_id
    AND r.id = :id
    AND r.status IN ('pending', 'running')
    AND (:revision::bigint IS NULL OR r.revision = :revision)
RETURNING
    r.id,
    r.user_id,
    r.external_id,
    r.company_id,
    r.company_name,
    r.document_name,
    r.document_url,
    r.document_type,
    r.document_size,
    r.pipeline_version,
    r.status,
    r.current_stage,
    r.attempts,
    r.max_attempts,
    r.error_message,
    r.lease_expires_at,
    r.due_at,
    r.started_at,
    r.completed_at,
    (1000 * extract(EPOCH FROM r.completed_at - r.started_at))::bigint AS duration_ms,
    r.created_at,
    r.updated_at,
    r.revision;
