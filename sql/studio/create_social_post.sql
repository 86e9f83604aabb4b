-- name: studio.create_social_post :maybe
-- A post of a video, as a draft: with the caption and hashtags of its concept unless it has a caption of its own. No
-- row when there is no such video.
-- row: social_post
-- single: one video by its id
-- param: tenant_id       uuid      = '00000000-0000-7000-8000-000000000001'
-- param: video_id        uuid      = '00000000-0000-7000-8000-000000000032'
-- param: platform        text NULL = NULL
-- param: caption         text NULL = NULL
-- param: idempotency_key text NULL = NULL
INSERT INTO studio.social_posts AS p (tenant_id, video_id, platform, caption, idempotency_key)
SELECT
    :tenant_id,
    v.id,
    coalesce(:platform, split_part(v.platform, '-', 1)),
    coalesce(:caption, left(concat_ws(' ', c.caption, nullif(array_to_string(c.hashtags, ' '), '')), 2200)),
    coalesce(:idempotency_key, gen_random_uuid()::text)
FROM studio.videos AS v
INNER JOIN studio.concepts AS c
    ON c.tenant_id = :tenant_id
    AND c.id = v.concept_id
WHERE v.tenant_id = :tenant_id
    AND v.id = :video_id
RETURNING
    p.id,
    p.video_id,
    p.platform,
    p.account_id,
    p.caption,
    p.idempotency_key,
    p.status,
    p.scheduled_for,
    p.reserved_on,
    p.attempts,
    p.max_attempts,
    p.retry_at,
    p.locked_by,
    p.lease_expires_at,
    p.error,
    p.external_id,
    p.post_url,
    p.posted_at,
    p.created_at,
    p.updated_at,
    p.revision;
