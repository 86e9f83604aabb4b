-- name: operations.forget_task_runs :one
-- Deletes the runs of periods that began longer ago than what is kept, and tells how many; never a task's latest one.
-- For the owner.
-- single: a function's one row
-- param: keep interval = '7 days'
-- not null: rows
SELECT operations.forget_task_runs(:keep) AS rows;
