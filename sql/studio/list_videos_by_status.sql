-- name: studio.list_videos_by_status :page
-- Videos of one status, newest first. Index: videos_status.
-- row: video
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: status    text = 'generating'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    v.id,
    v.concept_id,
    v.platform,
    v.provider,
    v.variant,
    v.status,
    v.object_key,
    v.cdn_url,
    v.thumbnail_url,
    v.error,
    v.metadata,
    v.cost_micros,
    v.generated_at,
    v.created_at,
    v.updated_at,
    v.revision
FROM studio.videos AS v
WHERE v.tenant_id = :tenant_id
    AND v.status = :status
    AND v.id < :after_id
ORDER BY v.id DESC
LIMIT :limit + 1;
