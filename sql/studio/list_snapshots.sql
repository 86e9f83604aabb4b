-- name: studio.list_snapshots :page
-- What was counted of a video, the latest first. Index: the partitions' primary keys.
-- row: snapshot, the original
-- param: tenant_id         uuid        = '00000000-0000-7000-8000-000000000001'
-- param: video_id          uuid        = '00000000-0000-7000-8000-000000000042'
-- param: after_snapshot_at timestamptz = 'infinity'
-- param: limit             int         = 30
SELECT
    s.video_id,
    s.snapshot_at,
    s.views,
    s.likes,
    s.comments,
    s.shares,
    s.watch_seconds,
    s.engagement_rate
FROM studio.analytics_snapshots AS s
WHERE s.tenant_id = :tenant_id
    AND s.video_id = :video_id
    AND s.snapshot_at < :after_snapshot_at
ORDER BY s.snapshot_at DESC
LIMIT :limit + 1;
