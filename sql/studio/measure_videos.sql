-- name: studio.measure_videos :many
-- How many videos that ended in each hour of UTC were made, and what they cost: of the hours that are over since the
-- latest that was measured, at most 7 days back. Each hour once, however often it runs.
-- Index: videos_ended.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
WITH span AS (
    SELECT
        greatest(
            date_trunc('hour', now() - interval '7 days', 'UTC'),
            (
                SELECT max(m.measured_at) + interval '1 hour'
                FROM operations.system_metrics AS m
                WHERE m.tenant_id = :tenant_id
                    AND m.type = 'video_generation_rate'
                    AND m.source = 'draftroom'
            )
        ) AS since,
        -- What began late in the hour has been committed by then.
        date_trunc('hour', now() - interval '5 minutes', 'UTC') AS until
),

hour AS (
    SELECT
        date_trunc('hour', v.ended_at, 'UTC') AS starts_at,
        count(*) AS ended,
        count(*) FILTER (WHERE v.status = 'completed') AS completed,
        count(v.cost_micros) AS priced,
        sum(v.cost_micros) AS cost_micros
    FROM studio.videos AS v
    WHERE v.tenant_id = :tenant_id
        AND v.ended_at >= (SELECT span.since FROM span)
        AND v.ended_at < (SELECT span.until FROM span)
    GROUP BY date_trunc('hour', v.ended_at, 'UTC')
)

INSERT INTO operations.system_metrics (tenant_id, type, measured_at, source, cases, total)
SELECT
    :tenant_id,
    measured.type,
    hour.starts_at,
    'draftroom',
    measured.cases,
    measured.total
FROM hour
CROSS JOIN
    LATERAL (
        VALUES
        ('video_generation_rate', hour.ended, hour.completed::numeric),
        ('cost_per_video', hour.priced, hour.cost_micros)
    ) AS measured (type, cases, total)
WHERE measured.cases > 0
ORDER BY measured.type, hour.starts_at
ON CONFLICT (tenant_id, type, measured_at, source) DO NOTHING
RETURNING type;
