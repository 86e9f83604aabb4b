-- name: library.get_run :one
-- A run with all that belongs to it: its data, whose it is, the version with its resource unless that is deleted or not
-- to be seen, and the steps by their numbers, each with what went in and what came out by their keys.
-- Indexes: run_steps_step_key, run_io_key_key.
-- row: resource_run, and more
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000051'
-- not null: user, steps
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
    r.revision,
    r.data,
    (
        SELECT
            json_build_object(
                'id', v.id,
                'public_id', v.public_id,
                'version_label', v.version_label,
                'root', json_build_object(
                    'id', s.id,
                    'public_id', s.public_id,
                    'resource_type', s.resource_type
                )
            )
        FROM library.resource_versions AS v
        INNER JOIN library.resources AS s ON s.tenant_id = :tenant_id AND s.id = v.root_id
        WHERE v.tenant_id = :tenant_id
            AND v.id = r.version_id
            AND s.deleted_at IS NULL
    ) AS version,
    (
        SELECT
            json_build_object(
                'id', u.id,
                'public_id', u.public_id,
                'name', u.display_name,
                'handle', u.handle
            )
        FROM identity.users AS u
        WHERE u.tenant_id = :tenant_id
            AND u.id = r.user_id
    ) AS user,
    coalesce(done.steps, '[]') AS steps
FROM library.runs AS r
LEFT OUTER JOIN LATERAL (
    SELECT
        json_agg(
            json_build_object(
                'id', t.id,
                'step', t.step,
                'name', t.name,
                'status', t.status,
                'started_at', t.started_at,
                'completed_at', t.completed_at,
                'time_elapsed', t.time_elapsed,
                'created_at', t.created_at,
                'inputs', coalesce(io.inputs, '[]'),
                'outputs', coalesce(io.outputs, '[]')
            )
            ORDER BY t.step
        ) AS steps
    FROM library.run_steps AS t
    LEFT OUTER JOIN LATERAL (
        SELECT
            json_agg(json_build_object('key', i.key, 'value', i.value) ORDER BY i.key)
            FILTER (WHERE i.side = 'input') AS inputs,
            json_agg(json_build_object('key', i.key, 'value', i.value) ORDER BY i.key)
            FILTER (WHERE i.side = 'output') AS outputs
        FROM library.run_io AS i
        WHERE i.tenant_id = :tenant_id
            AND i.step_id = t.id
    ) AS io ON true
    WHERE t.tenant_id = :tenant_id
        AND t.run_id = r.id
) AS done ON true
WHERE r.tenant_id = :tenant_id
    AND r.id = :id;
