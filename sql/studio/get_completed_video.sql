-- name: studio.get_completed_video :maybe
-- The video as it was completed under this lease, for a worker that reports again because it did not get the answer.
-- Index: jobs_unique_key.
-- row: video
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000042'
-- param: lease_id  uuid = '00000000-0000-7000-8000-000000000009'
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
INNER JOIN operations.jobs AS j
    ON j.tenant_id = :tenant_id
    AND j.type = 'generate-video'
    AND j.unique_key = :id::text
    AND j.holds_key
WHERE v.tenant_id = :tenant_id
    AND v.id = :id
    AND j.status = 'succeeded'
    AND j.lease_id = :lease_id;
