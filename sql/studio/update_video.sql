-- name: studio.update_video :maybe
-- Changes where a completed video is delivered from and what is told beside it; with a revision, only the video
-- that has it.
-- row: video
-- param: tenant_id             uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id                    uuid        = '00000000-0000-7000-8000-000000000042'
-- param: replace_cdn_url       boolean     = false
-- param: cdn_url               text NULL   = NULL
-- param: replace_thumbnail_url boolean     = false
-- param: thumbnail_url         text NULL   = NULL
-- param: metadata              jsonb NULL  = NULL
-- param: revision              bigint NULL = NULL
UPDATE studio.videos AS v
SET
    cdn_url = CASE WHEN :replace_cdn_url THEN :cdn_url ELSE v.cdn_url END,
    thumbnail_url = CASE WHEN :replace_thumbnail_url THEN :thumbnail_url ELSE v.thumbnail_url END,
    metadata = coalesce(:metadata, v.metadata)
WHERE v.tenant_id = :tenant_id
    AND v.id = :id
    AND v.status = 'completed'
    AND (:revision::bigint IS NULL OR v.revision = :revision)
RETURNING
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
    v.revision;
