-- name: studio.list_social_posts_of_video :page
-- Posts of one video, newest first.
-- Index: social_posts_video.
-- row: social_post
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: video_id  uuid = '00000000-0000-7000-8000-000000000032'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
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
FROM studio.social_posts AS p
WHERE p.tenant_id = :tenant_id
    AND p.video_id = :video_id
    AND p.id < :after_id
ORDER BY p.id DESC
LIMIT :limit + 1;
