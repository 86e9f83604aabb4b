-- name: pipelines.create_run :one
-- A run of the user over a document that lies in object storage; a worker will claim it.
-- row: pipeline_run
-- param: tenant_id     uuid        = '00000000-0000-7000-8000-000000000001'
-- param: user_id       uuid        = '00000000-0000-7000-8000-000000000002'
-- param: company_id    text        = 'lactalis-canada'
-- param: company_name  text        = 'Lactalis'
-- param: document_name text        = 'trend-report.pdf'
-- param: document_url  text        = 'https://example.com/trend-report.pdf'
-- param: document_type text NULL   = 'application/pdf'
-- param: document_size bigint NULL = 1048576
INSERT INTO pipelines.runs AS r (
    tenant_id, user_id, company_id, company_name, document_name, document_url, document_type, document_size
)
VALUES (
    :tenant_id,
    :user_id,
    :company_id,
    :company_name,
    :document_name,
    :document_url,
    :document_type,
    :document_size
)
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
