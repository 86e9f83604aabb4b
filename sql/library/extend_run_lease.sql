-- name: library.extend_run_lease :maybe
-- A worker's heartbeat; no row when its lease is lost. After enter_for_all_users.
-- row: resource_run
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid     = '00000000-0000-7000-8000-000000000051'
-- param: lease_id  uuid     = '00000000-0000-7000-8000-000000000009'
-- param: lease     interval = '60 seconds'
UPDATE library.runs AS r
SET lease_expires_at = now() + :lease
WHERE r.tenant_id = :tenant_id
    AND r.id = :id
    AND r.lease_id = :lease_id
    AND r.lease_expires_at > now()
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
