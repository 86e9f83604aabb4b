-- name: operations.enable_task :one
-- Lets the workers run a task, or keeps them from it; whether there is such a task. For the owner.
-- single: a function's one row
-- param: name    text    = 'retention'
-- param: enabled boolean = false
-- not null: is_known
SELECT operations.enable_task(:name, :enabled) AS is_known;
