-- name: studio.complete_video :maybe
-- The worker under whose lease the video is made has made it: its job ends with it. No row when the lease is lost.
-- Index: jobs_unique_key.
-- row: video
-- param: tenant_id     uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id            uuid        = '00000000-0000-7000-8000-000000000042'
-- param: lease_id      uuid        = '00000000-0000-7000-8000-000000000009'
-- param: object_key    text        = 'videos/1.mp4'
-- param: cdn_url       text NULL   = NULL
-- param: thumbnail_url text NULL   = NULL
-- param: metadata      jsonb       = '{}'
-- param: cost_micros   bigint NULL = 2500000
WITH job AS (
    UPDATE operations.jobs AS j
    SET
        status = 'succeeded',
        finished_at = now(),
        lease_expires_at = NULL,
        error = NULL
    WHERE j.tenant_id = :tenant_id
        AND j.type = 'generate-video'
        AND j.unique_key = :id::text
        AND j.holds_key
        AND j.lease_id = :lease_id
        AND j.lease_expires_at > now()
    RETURNING j.unique_key
)

UPDATE studio.videos AS v
SET
    status = 'completed',
    object_key = :object_key,
    cdn_url = :cdn_url,
    thumbnail_url = :thumbnail_url,
    metadata = :metadata,
    cost_micros = :cost_micros,
    generated_at = now()
FROM job
WHERE v.tenant_id = :tenant_id
    AND v.id = :id
    AND v.status = 'generating'
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
