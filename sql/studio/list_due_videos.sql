-- name: studio.list_due_videos :many
-- Videos of which analytics are due: completed between 6 hours and 7 days ago, and not counted in the last 6
-- hours; the longest waiting first. Index: videos_completed.
-- row: due_video, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: limit     int  = 50
SELECT
    v.id AS video_id,
    v.concept_id,
    v.platform,
    v.generated_at,
    t.snapshot_at
FROM studio.videos AS v
LEFT OUTER JOIN studio.video_totals AS t
    ON t.tenant_id = :tenant_id
    AND t.video_id = v.id
WHERE v.tenant_id = :tenant_id
    AND v.status = 'completed'
    AND v.generated_at > now() - interval '7 days'
    AND v.generated_at <= now() - interval '6 hours'
    AND (t.snapshot_at IS NULL OR t.snapshot_at <= now() - interval '6 hours')
ORDER BY t.snapshot_at ASC NULLS FIRST, v.generated_at ASC, v.id ASC
LIMIT :limit;
