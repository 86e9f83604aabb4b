-- name: studio.request_video :maybe
-- A video of a concept, to be made: with the job for a worker, whose unique_key is the video's id. No row when
-- there is no such concept. What is being made already is refused by the index videos_generating.
-- scan: operations.job_types: it has a few rows
-- row: video
-- param: tenant_id  uuid      = '00000000-0000-7000-8000-000000000001'
-- param: concept_id uuid      = '00000000-0000-7000-8000-000000000031'
-- param: platform   text      = 'tiktok'
-- param: provider   text      = 'sora'
-- param: variant    text NULL = NULL
-- param: priority   int       = 5
WITH video AS (
    INSERT INTO studio.videos AS v (tenant_id, concept_id, platform, provider, variant)
    SELECT
        :tenant_id,
        c.id,
        :platform,
        :provider,
        :variant
    FROM studio.concepts AS c
    WHERE c.tenant_id = :tenant_id
        AND c.id = :concept_id
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
        v.revision
),

job AS (
    INSERT INTO operations.jobs AS j (
        tenant_id, type, unique_key, ignores_queue_length, priority, max_attempts, payload
    )
    SELECT
        :tenant_id,
        t.type,
        video.id::text,
        true,
        :priority,
        t.max_attempts,
        jsonb_build_object(
            'video_id', video.id,
            'concept_id', video.concept_id,
            'platform', video.platform,
            'provider', video.provider,
            'variant', video.variant
        )
    FROM video
    INNER JOIN operations.job_types AS t ON t.type = 'generate-video'
    RETURNING j.id
)

SELECT
    video.id,
    video.concept_id,
    video.platform,
    video.provider,
    video.variant,
    video.status,
    video.object_key,
    video.cdn_url,
    video.thumbnail_url,
    video.error,
    video.metadata,
    video.cost_micros,
    video.generated_at,
    video.created_at,
    video.updated_at,
    video.revision
FROM video
CROSS JOIN job;
