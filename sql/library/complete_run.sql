-- name: library.complete_run :maybe
-- The end of a claimed run: what became of its steps, what came out of them, and its status, in one statement. Steps
-- that are not over are completed unless the worker says that it skipped them. The run goes last, as nobody changes
-- what belongs to one that is over. No row when the lease is lost. After enter_for_all_users.
-- Indexes: run_steps_step_key, run_io_key_key.
-- row: resource_run
-- param: tenant_id            uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id                   uuid     = '00000000-0000-7000-8000-000000000051'
-- param: lease_id             uuid     = '00000000-0000-7000-8000-000000000009'
-- param: time_elapsed         int NULL = 1200
-- param: completed_complexity int NULL = 3
-- param: steps                jsonb    = '[{"step": 1, "status": "completed", "outputs": [{"key": "n", "value": 12}]}]'
-- single: held is one run
WITH held AS (
    SELECT r.id
    FROM library.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id = :id
        AND r.lease_id = :lease_id
        AND r.lease_expires_at > now()
    FOR UPDATE
),

told AS (
    SELECT
        (e.told ->> 'step')::integer AS step,
        e.told ->> 'status' AS status,
        (e.told ->> 'time_elapsed')::integer AS time_elapsed,
        e.told -> 'outputs' AS outputs
    FROM jsonb_array_elements(:steps::jsonb) AS e (told)
),

unfinished AS (
    SELECT
        s.id,
        coalesce(told.status, 'completed') AS status,
        told.time_elapsed
    FROM held
    INNER JOIN library.run_steps AS s ON s.tenant_id = :tenant_id AND s.run_id = held.id
    LEFT OUTER JOIN told ON told.step = s.step
    WHERE s.status IN ('scheduled', 'in_progress')
),

reported AS (
    UPDATE library.run_steps AS s
    SET
        status = unfinished.status,
        time_elapsed = coalesce(unfinished.time_elapsed, s.time_elapsed)
    FROM unfinished
    WHERE s.tenant_id = :tenant_id
        AND s.id = unfinished.id
    RETURNING s.id
),

output AS (
    -- A step that the run does not have has no id, which the table refuses.
    INSERT INTO library.run_io AS i (tenant_id, step_id, side, key, value)
    SELECT
        :tenant_id,
        s.id AS step_id,
        'output' AS side,
        e.output ->> 'key' AS key,
        e.output -> 'value' AS value
    FROM held
    CROSS JOIN told
    LEFT OUTER JOIN library.run_steps AS s ON s.tenant_id = :tenant_id AND s.run_id = held.id AND s.step = told.step
    CROSS JOIN
        LATERAL jsonb_array_elements(CASE WHEN s.id IS NULL THEN '[{"key": "n"}]' ELSE told.outputs END) AS e (output)
    ON CONFLICT (tenant_id, step_id, side, key) DO UPDATE
        SET value = excluded.value
    RETURNING i.id
)

UPDATE library.runs AS r
SET
    status = 'completed',
    time_elapsed = coalesce(:time_elapsed, r.time_elapsed),
    completed_complexity = coalesce(:completed_complexity, r.completed_complexity),
    lease_expires_at = NULL,
    error = NULL
FROM held
CROSS JOIN (SELECT count(*) AS n FROM reported) AS steps
CROSS JOIN (SELECT count(*) AS n FROM output) AS outputs
WHERE r.tenant_id = :tenant_id
    AND r.id = held.id
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
