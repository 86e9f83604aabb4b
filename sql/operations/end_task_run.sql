-- name: operations.end_task_run :maybe
-- Ends a run, with what it did; no row when another worker has it. For the owner. Index: the primary key.
-- param: task     text        = 'retention'
-- param: period   timestamptz = '2026-01-01 03:17:00+00'
-- param: lease_id uuid        = '00000000-0000-7000-8000-000000000009'
-- param: tenants  int         = 2
-- param: failed   int         = 0
-- param: done     bigint      = 100
-- not null: had_it
SELECT operations.end_task_run(r.task, r.period, r.lease_id, :tenants, :failed, :done) AS had_it
FROM operations.task_runs AS r
WHERE r.task = :task
    AND r.period = :period
    AND r.lease_id = :lease_id;
