-- name: library.get_step :one
-- A step of a run as it is now. Index: run_steps_step_key.
-- row: resource_run_step, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: run_id    uuid = '00000000-0000-7000-8000-000000000051'
-- param: step      int  = 1
SELECT
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
FROM library.run_steps AS s
WHERE s.tenant_id = :tenant_id
    AND s.run_id = :run_id
    AND s.step = :step;
