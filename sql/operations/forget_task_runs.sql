-- name: operations.forget_task_runs :one
-- Deletes the runs of periods that began longer ago than what is kept, and tells how many; never a task's latest one.
-- For the owner.
-- single: an expression without a table
-- scan: operations.task_runs: once a day, until it finds one
-- param: keep interval = '100 years'
-- not null: rows
SELECT
    CASE
        WHEN EXISTS (
                SELECT 1 FROM operations.task_runs AS r
                WHERE r.period < now() - :keep::interval
            )
            THEN operations.forget_task_runs(:keep)
        ELSE 0
    END AS rows;
