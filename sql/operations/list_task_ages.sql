-- name: operations.list_task_ages :many
-- For how long each enabled task has not ended for all tenants, since it was entered if it never has; how long its
-- period is; and for how many tenants its latest run failed. Index: the primary key of operations.task_runs.
-- scan: operations.tasks: a few rows
-- not null: age_seconds, period_seconds, failed
SELECT
    t.name,
    extract(
        EPOCH FROM now() - coalesce(
            (
                SELECT r.ended_at
                FROM operations.task_runs AS r
                WHERE r.task = t.name
                    AND r.ended_at IS NOT NULL
                    AND r.failed = 0
                ORDER BY r.period DESC
                LIMIT 1
            ),
            t.created_at
        )
    )::float8 AS age_seconds,
    extract(EPOCH FROM t.every)::float8 AS period_seconds,
    coalesce(
        (
            SELECT r.failed
            FROM operations.task_runs AS r
            WHERE r.task = t.name
                AND r.ended_at IS NOT NULL
            ORDER BY r.period DESC
            LIMIT 1
        ),
        0
    ) AS failed
FROM operations.tasks AS t
WHERE t.enabled
ORDER BY t.name;
