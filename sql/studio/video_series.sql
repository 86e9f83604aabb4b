-- name: studio.video_series :many
-- What was counted of a video by the end of each hour, day or week of UTC, oldest first. Index: the partitions'
-- primary keys.
-- row: series_step, the original
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: video_id  uuid        = '00000000-0000-7000-8000-000000000042'
-- param: unit      text        = 'day'
-- param: since     timestamptz = '2000-01-01'
-- param: until     timestamptz = '2100-01-01'
-- not null: starts_at
SELECT DISTINCT ON (step.starts_at)
    step.starts_at,
    s.snapshot_at,
    s.views,
    s.likes,
    s.comments,
    s.shares,
    s.watch_seconds,
    s.engagement_rate
FROM studio.analytics_snapshots AS s
CROSS JOIN LATERAL date_trunc(:unit, s.snapshot_at, 'UTC') AS step (starts_at)
WHERE s.tenant_id = :tenant_id
    AND s.video_id = :video_id
    AND s.snapshot_at >= :since
    AND s.snapshot_at < :until
ORDER BY step.starts_at ASC, s.snapshot_at DESC;
