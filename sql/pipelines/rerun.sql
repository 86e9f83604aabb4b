-- name: pipelines.rerun :one
-- A new run with the inputs of one that the user has, its name marked once. No row without such a run.
-- row: pipeline_run
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid = '00000000-0000-7000-8000-000000000002'
-- param: id        uuid = '00000000-0000-7000-8000-000000000021'
INSERT INTO pipelines.runs AS n (
    tenant_id, user_id, company_id, company_name, document_name, document_url, document_type, document_size
)
SELECT
    :tenant_id,
    r.user_id,
    r.company_id,
    r.company_name,
    CASE
        WHEN r.document_name LIKE '% (rerun)' THEN r.document_name
        ELSE substr(r.document_name, 1, 292) || ' (rerun)'
    END AS document_name,
    r.document_url,
    r.document_type,
    r.document_size
FROM pipelines.runs AS r
WHERE r.tenant_id = :tenant_id
    AND r.user_id = :user_id
    AND r.id = :id
RETURNING
    n.id,
    n.user_id,
    n.external_id,
    n.company_id,
    n.company_name,
    n.document_name,
    n.document_url,
    n.document_type,
    n.document_size,
    n.pipeline_version,
    n.status,
    n.current_stage,
    n.attempts,
    n.max_attempts,
    n.error_message,
    n.lease_expires_at,
    n.due_at,
    n.started_at,
    n.completed_at,
    (1000 * extract(EPOCH FROM n.completed_at - n.started_at))::bigint AS duration_ms,
    n.created_at,
    n.updated_at,
    n.revision;
