-- name: library.create_run :one
-- A run of a version that the user sees, for the user or for a team; one that a worker will claim brings its steps,
-- each with its inputs. Who may create it, and of what, library.require_runner() sees to.
-- row: resource_run
-- param: tenant_id             uuid             = '00000000-0000-7000-8000-000000000001'
-- param: user_id               uuid             = '00000000-0000-7000-8000-000000000002'
-- param: version_id            uuid             = '00000000-0000-7000-8000-000000000072'
-- param: team_id               uuid NULL        = NULL
-- param: name                  text             = 'First try'
-- param: is_private            boolean          = true
-- param: was_run_automatically boolean          = false
-- param: data                  jsonb            = '{}'
-- param: due_at                timestamptz NULL = NULL
-- param: max_attempts          int              = 3
-- param: steps                 jsonb            = '[{"name": "Read", "inputs": [{"key": "n", "value": 12}]}]'
-- single: run is one row
WITH run AS (
    INSERT INTO library.runs AS r (
        tenant_id,
        version_id,
        user_id,
        team_id,
        name,
        is_private,
        was_run_automatically,
        data,
        due_at,
        max_attempts
    )
    VALUES (
        :tenant_id,
        :version_id,
        :user_id,
        :team_id,
        :name,
        :is_private,
        :was_run_automatically,
        :data,
        coalesce(:due_at, now()),
        :max_attempts
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
        r.revision
),

given AS (
    SELECT
        e.position::integer AS step,
        e.step ->> 'name' AS name,
        e.step -> 'inputs' AS inputs
    FROM jsonb_array_elements(:steps::jsonb) WITH ORDINALITY AS e (step, position)
),

added AS (
    INSERT INTO library.run_steps AS s (tenant_id, run_id, step, name)
    SELECT
        :tenant_id,
        run.id AS run_id,
        given.step,
        given.name
    FROM run
    CROSS JOIN given
    RETURNING
        s.id,
        s.step,
        s.name,
        s.status,
        s.created_at
),

input AS (
    INSERT INTO library.run_io AS i (tenant_id, step_id, side, key, value)
    SELECT
        :tenant_id,
        added.id AS step_id,
        'input' AS side,
        e.input ->> 'key' AS key,
        e.input -> 'value' AS value
    FROM added
    INNER JOIN given ON given.step = added.step
    CROSS JOIN LATERAL jsonb_array_elements(given.inputs) AS e (input)
    RETURNING i.id
)

SELECT
    run.id,
    run.version_id,
    run.user_id,
    run.team_id,
    run.name,
    run.is_private,
    run.was_run_automatically,
    run.status,
    run.due_at,
    run.attempts,
    run.max_attempts,
    run.locked_by,
    run.lease_expires_at,
    run.error,
    run.started_at,
    run.completed_at,
    run.time_elapsed,
    run.completed_complexity,
    run.context_switches,
    run.created_at,
    run.updated_at,
    run.revision
FROM run;
