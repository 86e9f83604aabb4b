-- name: studio.find_same_post :maybe
-- The post of an account that has the video of this one with the given caption. Index: social_posts_once.
-- row: social_post
-- single: social_posts_once, and one post by its id
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000035'
-- param: caption   text = 'It knows my name.'
SELECT
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
    p.revision
FROM studio.social_posts AS mine
INNER JOIN studio.social_posts AS p
    ON p.tenant_id = :tenant_id
    AND p.account_id = mine.account_id
    AND p.video_id = mine.video_id
WHERE mine.tenant_id = :tenant_id
    AND mine.id = :id
    AND md5(p.caption) = md5(:caption)
    AND p.status NOT IN ('draft', 'cancelled')
    AND p.id <> mine.id;
