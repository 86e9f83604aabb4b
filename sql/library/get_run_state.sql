-- name: library.get_run_state :one
-- A run as it is now: what a change is told that came too late.
-- row: resource_run, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000051'
SELECT
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
    r.revision
FROM library.runs AS r
WHERE r.tenant_id = :tenant_id
    AND r.id = :id;
