-- name: library.count_all_runs :one
-- How many runs there are of each status, and how long those took that were completed and told it, on average in
-- milliseconds; NULL for none. From what library.count_run() keeps. After enter_for_all_users.
-- scan: library.run_counts: at most six rows of each user
-- row: resource_run_stats, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- not null: total, by_status
SELECT
    coalesce(sum(c.runs), 0)::bigint AS total,
    json_build_object(
        'scheduled', coalesce(sum(c.runs) FILTER (WHERE c.run_status = 'scheduled'), 0),
        'in_progress', coalesce(sum(c.runs) FILTER (WHERE c.run_status = 'in_progress'), 0),
        'paused', coalesce(sum(c.runs) FILTER (WHERE c.run_status = 'paused'), 0),
        'completed', coalesce(sum(c.runs) FILTER (WHERE c.run_status = 'completed'), 0),
        'failed', coalesce(sum(c.runs) FILTER (WHERE c.run_status = 'failed'), 0),
        'cancelled', coalesce(sum(c.runs) FILTER (WHERE c.run_status = 'cancelled'), 0)
    ) AS by_status,
    round(sum(c.run_milliseconds) / nullif(sum(c.runs_timed), 0), 3) AS average_execution_time
FROM library.run_counts AS c
WHERE c.tenant_id = :tenant_id;
