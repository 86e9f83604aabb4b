-- name: pipelines.get_failed_run :maybe
-- The run as the failure that was reported under this lease left it, for a worker that reports it again because it did
-- not get the answer. After enter_for_all_users.
-- row: pipeline_run
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000021'
-- param: lease_id  uuid = '00000000-0000-7000-8000-000000000009'
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
    AND r.id = :id
    AND r.status IN ('pending', 'failed')
    AND r.lease_id = :lease_id;
