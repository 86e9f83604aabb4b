-- name: library.execute_run :maybe
-- Begins a run that was never begun, with its steps, numbered from 1, and what goes into each, in one statement. No row
-- when it was, or the revision is another; or when a worker is to run it. Counts are kept by library.count_run().
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000051'
-- param: revision  bigint NULL = NULL
-- param: steps     jsonb       = '[{"name": "Read", "inputs": [{"key": "n", "value": 12}]}]'
-- not null: run, steps, input_count
-- single: run is one row
WITH run AS (
    UPDATE library.runs AS r
    SET status = 'in_progress'
    WHERE r.tenant_id = :tenant_id
        AND r.id = :id
        AND r.status = 'scheduled'
        AND r.started_at IS NULL
        AND NOT r.was_run_automatically
        AND (:revision::bigint IS NULL OR r.revision = :revision)
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
    row_to_json(run) AS run,
    (
        SELECT
            json_agg(
                json_build_object(
                    'id', added.id,
                    'step', added.step,
                    'name', added.name,
                    'status', added.status,
                    'created_at', added.created_at
                )
                ORDER BY added.step
            )
        FROM added
    ) AS steps,
    (SELECT count(*) FROM input) AS input_count
FROM run;
