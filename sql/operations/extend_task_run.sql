-- name: operations.extend_task_run :one
-- Lets a worker's claim hold for so long from now on, 0 to give it back; whether the worker has it still.
-- For the owner.
-- single: a function's one row
-- param: task     text        = 'retention'
-- param: period   timestamptz = '2026-01-01 03:17:00+00'
-- param: lease_id uuid        = '00000000-0000-7000-8000-000000000009'
-- param: lease    interval    = '5 minutes'
-- not null: has_it
SELECT operations.extend_task_run(:task, :period, :lease_id, :lease) AS has_it;
