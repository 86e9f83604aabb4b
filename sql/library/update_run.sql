-- name: library.update_run :maybe
-- Changes what `changes` names; with a status only if status_transitions has the change, and that of a run by a worker
-- only to what needs no lease: who works on it loses it. No row otherwise, or when the revision is another.
-- row: resource_run
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000051'
-- param: changes   jsonb       = '{"status": "completed", "time_elapsed": 0}'
-- param: revision  bigint NULL = NULL
UPDATE library.runs AS r
SET
    name = coalesce(:changes::jsonb ->> 'name', r.name),
    is_private = coalesce((:changes::jsonb ->> 'is_private')::boolean, r.is_private),
    data = coalesce(:changes::jsonb -> 'data', r.data),
    status = coalesce(:changes::jsonb ->> 'status', r.status),
    time_elapsed = coalesce((:changes::jsonb ->> 'time_elapsed')::integer, r.time_elapsed),
    completed_complexity = coalesce((:changes::jsonb ->> 'completed_complexity')::integer, r.completed_complexity),
    context_switches = coalesce((:changes::jsonb ->> 'context_switches')::integer, r.context_switches),
    error = CASE
        WHEN :changes::jsonb ->> 'status' = 'completed' THEN NULL
        ELSE coalesce(:changes::jsonb ->> 'error', r.error)
    END,
    lease_id = CASE WHEN coalesce(:changes::jsonb ->> 'status', r.status) = r.status THEN r.lease_id END,
    lease_expires_at = CASE
        WHEN coalesce(:changes::jsonb ->> 'status', r.status) = r.status THEN r.lease_expires_at
    END
WHERE r.tenant_id = :tenant_id
    AND r.id = :id
    AND (:revision::bigint IS NULL OR r.revision = :revision)
    AND (
        coalesce(:changes::jsonb ->> 'status', r.status) = r.status
        OR EXISTS (
            SELECT FROM operations.status_transitions AS t
            WHERE t.entity = 'library.runs'
                AND t.from_status = r.status
                AND t.to_status = :changes::jsonb ->> 'status'
                AND (NOT r.was_run_automatically OR t.to_status IN ('scheduled', 'paused', 'cancelled'))
        )
    )
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
