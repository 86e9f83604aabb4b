-- name: studio.list_videos_of_concept :page
-- A concept's videos, newest first. Index: videos_concept.
-- row: video
-- param: tenant_id  uuid = '00000000-0000-7000-8000-000000000001'
-- param: concept_id uuid = '00000000-0000-7000-8000-000000000031'
-- param: after_id   uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit      int  = 30
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
    AND v.concept_id = :concept_id
    AND v.id < :after_id
ORDER BY v.id DESC
LIMIT :limit + 1;
