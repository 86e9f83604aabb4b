-- name: library.fail_run :maybe
-- A worker could not finish the run: it has failed, or is due again, each time after twice the delay, where the worker
-- asks for it and attempts are left. No row when the worker's lease is lost. After enter_for_all_users.
-- row: resource_run
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid     = '00000000-0000-7000-8000-000000000051'
-- param: lease_id  uuid     = '00000000-0000-7000-8000-000000000009'
-- param: error     text     = 'the model did not answer'
-- param: retry     boolean  = false
-- param: delay     interval = '30 seconds'
-- param: max_delay interval = '1 hour'
-- single: lost is one run
WITH lost AS (
    SELECT
        r.id,
        NOT :retry OR r.attempts >= r.max_attempts AS is_final,
        now() + least(:delay::interval * power(2, least(r.attempts - 1, 30)), :max_delay) AS next_try
    FROM library.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id = :id
        AND r.lease_id = :lease_id
        AND r.lease_expires_at > now()
    FOR UPDATE
)

UPDATE library.runs AS r
SET
    status = CASE WHEN lost.is_final THEN 'failed' ELSE 'scheduled' END,
    due_at = CASE WHEN lost.is_final THEN r.due_at ELSE lost.next_try END,
    lease_expires_at = NULL,
    error = :error
FROM lost
WHERE r.tenant_id = :tenant_id
    AND r.id = lost.id
RETURNING
    r.id,
    r.version_id,
    r.user_id,
    r.team_id,
    r.name,
    r.is_private,
    r.was_run_automatically,
    r.status,
    r.due_at,
    r.attempts,
    r.max_attempts,
    r.locked_by,
    r.lease_expires_at,
    r.error,
    r.started_at,
    r.completed_at,
    r.time_elapsed,
    r.completed_complexity,
    r.context_switches,
    r.created_at,
    r.updated_at,
    r.revision;
