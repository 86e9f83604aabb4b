-- name: operations.list_tasks :many
-- The schedule of the workers, each task with its latest run. Index: the primary key of operations.task_runs.
-- scan: operations.tasks: a few rows
-- not null: state
SELECT
    t.name,
    t.every,
    t.enabled,
    t.description,
    CASE
        WHEN run.period IS NULL THEN 'never ran'
        WHEN run.ended_at IS NOT NULL AND run.failed > 0 THEN 'failed'
        WHEN run.ended_at IS NOT NULL THEN 'ended'
        WHEN run.lease_expires_at > now() THEN 'running'
        ELSE 'lost'
    END AS state,
    run.period,
    run.worker,
    run.attempts,
    run.began_at,
    run.ended_at,
    run.tenants,
    run.failed,
    run.done
FROM operations.tasks AS t
LEFT OUTER JOIN LATERAL (
    SELECT
        r.period,
        r.worker,
        r.attempts,
        r.lease_expires_at,
        r.began_at,
        r.ended_at,
        r.tenants,
        r.failed,
        r.done
    FROM operations.task_runs AS r
    WHERE r.task = t.name
    ORDER BY r.period DESC
    LIMIT 1
) AS run ON true
ORDER BY t.name;
