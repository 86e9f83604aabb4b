-- name: studio.resolve_post_not_posted :maybe
-- A person found that a post of unknown outcome was not posted: it gives its place back, and is not tried again before
-- somebody schedules it. No row when its outcome is not unknown.
-- row: social_post
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000035'
UPDATE studio.social_posts AS p
SET
    status = 'failed',
    reserved_on = NULL
WHERE p.tenant_id = :tenant_id
    AND p.id = :id
    AND p.status = 'unknown'
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
