-- name: pipelines.extend_run_lease :maybe
-- A worker's heartbeat; no row when its lease is lost. After enter_for_all_users.
-- row: pipeline_run
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid     = '00000000-0000-7000-8000-000000000021'
-- param: lease_id  uuid     = '00000000-0000-7000-8000-000000000009'
-- param: lease     interval = '60 seconds'
UPDATE pipelines.runs AS r
SET lease_expires_at = now() + :lease
WHERE r.tenant_id = :tenant_id
    AND r.id = :id
    AND r.lease_id = :lease_id
    AND r.lease_expires_at > now()
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
