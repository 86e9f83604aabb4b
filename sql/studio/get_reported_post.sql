-- name: studio.get_reported_post :maybe
-- The post as a report under this lease left it, for a worker that reports again because it did not get the answer. A
-- confirmation is the same only with the same external id.
-- row: social_post
-- param: tenant_id   uuid      = '00000000-0000-7000-8000-000000000001'
-- param: id          uuid      = '00000000-0000-7000-8000-000000000035'
-- param: lease_id    uuid      = '00000000-0000-7000-8000-000000000009'
-- param: statuses    text[]    = '{posted}'
-- param: external_id text NULL = '7301'
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
    AND p.id = :id
    AND p.lease_id = :lease_id
    AND p.status = any(:statuses)
    AND (:external_id::text IS NULL OR p.external_id = :external_id);
