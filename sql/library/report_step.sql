-- name: library.report_step :maybe
-- What becomes of a step of a run that the user has in progress, and what came out of it: the same key again is
-- replaced. Without a status the step stays as it is. No row when its status does not allow it, or the run's.
-- Indexes: run_steps_step_key, run_io_key_key.
-- row: resource_run_step
-- scan: operations.status_transitions: a row for each legal change, of all tenants together
-- param: tenant_id    uuid      = '00000000-0000-7000-8000-000000000001'
-- param: run_id       uuid      = '00000000-0000-7000-8000-000000000051'
-- param: step         int       = 1
-- param: status       text NULL = 'completed'
-- param: time_elapsed int NULL  = 0
-- param: outputs      jsonb     = '[{"key": "words", "value": 12}]'
-- single: reported is one step
WITH run AS (
    -- First, as whoever ends the run or changes who sees it.
    SELECT r.id
    FROM library.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id = :run_id
        AND r.status = 'in_progress'
        AND NOT r.was_run_automatically
    FOR NO KEY UPDATE
),

reported AS (
    UPDATE library.run_steps AS s
    SET
        status = coalesce(:status, s.status),
        time_elapsed = coalesce(:time_elapsed, s.time_elapsed)
    FROM run
    WHERE s.tenant_id = :tenant_id
        AND s.run_id = run.id
        AND s.step = :step
        AND (
            :status::text IS NULL
            OR EXISTS (
                SELECT FROM operations.status_transitions AS t
                WHERE t.entity = 'library.run_steps'
                    AND t.from_status = s.status
                    AND t.to_status = :status
            )
        )
    RETURNING
        s.id,
        s.run_id,
        s.step,
        s.name,
        s.status,
        s.started_at,
        s.completed_at,
        s.time_elapsed,
        s.created_at,
        s.updated_at,
        s.revision
),

output AS (
    INSERT INTO library.run_io AS i (tenant_id, step_id, side, key, value)
    SELECT
        :tenant_id,
        reported.id AS step_id,
        'output' AS side,
        e.output ->> 'key' AS key,
        e.output -> 'value' AS value
    FROM reported
    CROSS JOIN jsonb_array_elements(:outputs::jsonb) AS e (output)
    ON CONFLICT (tenant_id, step_id, side, key) DO UPDATE
        SET value = excluded.value
    RETURNING i.id
)

SELECT
    reported.id,
    reported.run_id,
    reported.step,
    reported.name,
    reported.status,
    reported.started_at,
    reported.completed_at,
    reported.time_elapsed,
    reported.created_at,
    reported.updated_at,
    reported.revision
FROM reported;
