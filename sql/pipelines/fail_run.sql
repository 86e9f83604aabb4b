-- name: pipelines.fail_run :maybe
-- A worker could not finish the run: it has failed, or is due again, each time after twice the delay, where the worker
-- asks for it and attempts are left. No row when the worker's lease is lost. After enter_for_all_users.
-- row: pipeline_run
-- param: tenant_id     uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id            uuid     = '00000000-0000-7000-8000-000000000021'
-- param: lease_id      uuid     = '00000000-0000-7000-8000-000000000009'
-- param: error_message text     = 'the model did not answer'
-- param: retry         boolean  = false
-- param: delay         interval = '30 seconds'
-- param: max_delay     interval = '1 hour'
-- single: lost is one run
WITH lost AS (
    SELECT
        r.id,
        NOT :retry OR r.attempts >= r.max_attempts AS is_final,
        now() AS failed_at,
        now() + least(:delay::interval * power(2, least(r.attempts - 1, 30)), :max_delay) AS next_try
    FROM pipelines.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id = :id
        AND r.lease_id = :lease_id
        AND r.lease_expires_at > now()
    FOR UPDATE
)

UPDATE pipelines.runs AS r
SET
    status = CASE WHEN lost.is_final THEN 'failed' ELSE 'pending' END,
    due_at = CASE WHEN lost.is_final THEN r.due_at ELSE lost.next_try END,
    completed_at = CASE WHEN lost.is_final THEN lost.failed_at END,
    lease_expires_at = NULL,
    error_message = :error_message
FROM lost
WHERE r.tenant_id = :tenant_id
    AND r.id = lost.id
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
