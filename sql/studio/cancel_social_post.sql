-- name: studio.cancel_social_post :maybe
-- Takes back a post that has not gone out, with its place. No row for any other, or when the revision is another.
-- row: social_post
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000035'
-- param: revision  bigint NULL = NULL
UPDATE studio.social_posts AS p
SET
    status = 'cancelled',
    reserved_on = NULL,
    retry_at = NULL
WHERE p.tenant_id = :tenant_id
    AND p.id = :id
    AND p.status IN ('draft', 'scheduled', 'failed')
    AND (:revision::bigint IS NULL OR p.revision = :revision)
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
