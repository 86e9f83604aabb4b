-- name: operations.enable_task :maybe
-- Lets the workers run a task, or keeps them from it; no row when there is no such task. For the owner.
-- scan: operations.tasks: a few rows
-- param: name    text    = 'unknown'
-- param: enabled boolean = false
-- not null: is_known
SELECT operations.enable_task(t.name, :enabled) AS is_known
FROM operations.tasks AS t
WHERE t.name = :name;
