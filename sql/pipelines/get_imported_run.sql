-- name: pipelines.get_imported_run :one
-- The run that was imported under an external id. Index: runs_external_id_key.
-- row: pipeline_run
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: user_id     uuid = '00000000-0000-7000-8000-000000000002'
-- param: external_id text = 'run-2025-01-21'
SELECT
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
    r.revision
FROM pipelines.runs AS r
WHERE r.tenant_id = :tenant_id
    AND r.user_id = :user_id
    AND r.external_id = :external_id;
