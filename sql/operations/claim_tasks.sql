-- name: operations.claim_tasks :many
-- Gives a worker the tasks that are due, each under a lease: a run that its worker began and left, or else the present
-- period if nobody has begun it, and no earlier one still runs. Periods that nobody began are not made up for. Of many
-- workers that ask at once the primary key lets one have each period. Indexes: the primary key, task_runs_leased.
-- scan: operations.tasks: a few rows
-- param: names  text[]   = '{}'
-- param: worker text     = 'host:1'
-- param: lease  interval = '5 minutes'
-- not null: task, period, lease_id
WITH present AS (
    SELECT
        t.name AS task,
        date_bin(t.every, now(), t.counted_from) AS period
    FROM operations.tasks AS t
    WHERE t.enabled
        AND t.name = any(:names::text [])
),

due AS (
    SELECT
        present.task,
        present.period
    FROM present
    WHERE NOT EXISTS (
            SELECT 1 FROM operations.task_runs AS r
            WHERE r.task = present.task
                AND r.period = present.period
        )
        AND NOT EXISTS (
            SELECT 1 FROM operations.task_runs AS r
            WHERE r.task = present.task
                AND r.lease_expires_at IS NOT NULL
                AND (r.lease_expires_at > now() OR r.attempts < 5)
        )
    UNION ALL
    SELECT
        present.task,
        lost.period
    FROM present
    INNER JOIN operations.task_runs AS lost
        ON lost.task = present.task
        AND lost.lease_expires_at <= now()
        AND lost.attempts < 5
    -- All workers in one order, lest they wait for each other.
    ORDER BY task, period
)

SELECT
    due.task,
    due.period,
    claimed.lease_id
FROM due
CROSS JOIN LATERAL operations.claim_task_run(due.task, due.period, :worker, :lease) AS claimed (lease_id)
WHERE claimed.lease_id IS NOT NULL;
