-- name: studio.measure_posts :many
-- How many attempts to post that ended in each hour of UTC succeeded; what is unknown did not. Of the hours that are
-- over since the latest that was measured, at most 7 days back. Each hour once, however often it runs.
-- Index: the primary key of post_attempts: an attempt's row is made when it ends.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
WITH span AS (
    SELECT
        greatest(
            date_trunc('hour', now() - interval '7 days', 'UTC'),
            (
                SELECT max(m.measured_at) + interval '1 hour'
                FROM operations.system_metrics AS m
                WHERE m.tenant_id = :tenant_id
                    AND m.type = 'posting_success_rate'
                    AND m.source = 'draftroom'
            )
        ) AS since,
        -- What began late in the hour has been committed by then.
        date_trunc('hour', now() - interval '5 minutes', 'UTC') AS until
)

INSERT INTO operations.system_metrics (tenant_id, type, measured_at, source, cases, total)
SELECT
    :tenant_id,
    'posting_success_rate',
    date_trunc('hour', a.finished_at, 'UTC'),
    'draftroom',
    count(*),
    count(*) FILTER (WHERE a.outcome = 'posted')
FROM studio.post_attempts AS a
WHERE a.tenant_id = :tenant_id
    AND a.id >= (SELECT operations.first_id(span.since) FROM span)
    AND a.finished_at >= (SELECT span.since FROM span)
    AND a.finished_at < (SELECT span.until FROM span)
GROUP BY date_trunc('hour', a.finished_at, 'UTC')
ORDER BY date_trunc('hour', a.finished_at, 'UTC')
ON CONFLICT (tenant_id, type, measured_at, source) DO NOTHING
RETURNING type;
