-- name: studio.list_overdue_social_posts :page
-- Posts that no worker has claimed within 15 minutes after they were due, the longest overdue first.
-- Index: social_posts_due.
-- row: social_post
-- param: tenant_id           uuid        = '00000000-0000-7000-8000-000000000001'
-- param: after_scheduled_for timestamptz = '-infinity'
-- param: after_id            uuid        = '00000000-0000-0000-0000-000000000000'
-- param: limit               int         = 30
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
    AND p.status = 'scheduled'
    AND p.scheduled_for < now() - interval '15 minutes'
    AND (p.scheduled_for, p.id) > (:after_scheduled_for, :after_id)
ORDER BY p.scheduled_for, p.id
LIMIT :limit + 1;
