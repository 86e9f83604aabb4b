-- name: operations.extend_task_run :maybe
-- Lets a worker's claim hold for so long from now on, 0 to give it back; no row when another worker has the run.
-- For the owner. Index: the primary key.
-- param: task     text        = 'retention'
-- param: period   timestamptz = '2026-01-01 03:17:00+00'
-- param: lease_id uuid        = '00000000-0000-7000-8000-000000000009'
-- param: lease    interval    = '5 minutes'
-- not null: has_it
SELECT operations.extend_task_run(r.task, r.period, r.lease_id, :lease) AS has_it
FROM operations.task_runs AS r
WHERE r.task = :task
    AND r.period = :period
    AND r.lease_id = :lease_id;
