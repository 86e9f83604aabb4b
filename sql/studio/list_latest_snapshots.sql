-- name: studio.list_latest_snapshots :page
-- The latest snapshot of each video that has one, the newest video first. Index: the primary key of video_totals.
-- row: latest_snapshot, the original
-- param: tenant_id      uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_video_id uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit          int  = 30
SELECT
    t.video_id,
    v.concept_id,
    v.platform,
    t.snapshot_at,
    t.views,
    t.likes,
    t.comments,
    t.shares,
    t.engagement_rate
FROM studio.video_totals AS t
INNER JOIN studio.videos AS v
    ON v.tenant_id = :tenant_id
    AND v.id = t.video_id
WHERE t.tenant_id = :tenant_id
    AND t.video_id < :after_video_id
ORDER BY t.video_id DESC
LIMIT :limit + 1;
