-- name: studio.measure_critiques :many
-- How many critiques that were first made in each hour of UTC found the prediction accurate: of the hours that are over
-- since the latest that was measured, at most 7 days back. Each hour once, however often it runs.
-- Index: the primary key of self_critiques.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
WITH span AS (
    SELECT
        greatest(
            date_trunc('hour', now() - interval '7 days', 'UTC'),
            (
                SELECT max(m.measured_at) + interval '1 hour'
                FROM operations.system_metrics AS m
                WHERE m.tenant_id = :tenant_id
                    AND m.type = 'reflexion_accuracy'
                    AND m.source = 'draftroom'
            )
        ) AS since,
        -- What began late in the hour has been committed by then.
        date_trunc('hour', now() - interval '5 minutes', 'UTC') AS until
)

INSERT INTO operations.system_metrics (tenant_id, type, measured_at, source, cases, total)
SELECT
    :tenant_id,
    'reflexion_accuracy',
    date_trunc('hour', c.created_at, 'UTC'),
    'draftroom',
    count(*),
    count(*) FILTER (WHERE c.direction = 'accurate')
FROM studio.self_critiques AS c
WHERE c.tenant_id = :tenant_id
    AND c.id >= (SELECT operations.first_id(span.since) FROM span)
    AND c.created_at >= (SELECT span.since FROM span)
    AND c.created_at < (SELECT span.until FROM span)
GROUP BY date_trunc('hour', c.created_at, 'UTC')
ORDER BY date_trunc('hour', c.created_at, 'UTC')
ON CONFLICT (tenant_id, type, measured_at, source) DO NOTHING
RETURNING type;
