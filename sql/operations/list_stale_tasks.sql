-- name: operations.list_stale_tasks :many
-- Tasks that no worker has ended for two periods and three hours: there is no worker, or they break off each time.
-- Index: the primary key of operations.task_runs.
-- scan: operations.tasks: a few rows
SELECT t.name
FROM operations.tasks AS t
WHERE t.enabled
    AND coalesce(
        (
            SELECT r.period
            FROM operations.task_runs AS r
            WHERE r.task = t.name
                AND r.ended_at IS NOT NULL
            ORDER BY r.period DESC
            LIMIT 1
        ),
        t.created_at
    ) < now() - 2 * t.every - interval '3 hours'
ORDER BY t.name;
