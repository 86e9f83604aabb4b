-- name: studio.confirm_post :maybe
-- A posting worker has posted. Nobody else is given a post whose lease ran out, so its worker is believed, however
-- late, until the outcome is known. No row when it is, or when the lease is another.
-- row: social_post
-- param: tenant_id   uuid             = '00000000-0000-7000-8000-000000000001'
-- param: id          uuid             = '00000000-0000-7000-8000-000000000035'
-- param: lease_id    uuid             = '00000000-0000-7000-8000-000000000009'
-- param: external_id text             = '7301'
-- param: post_url    text NULL        = NULL
-- param: posted_at   timestamptz NULL = NULL
WITH outcome AS (
    SELECT coalesce(:posted_at, now()) AS posted_at
)

UPDATE studio.social_posts AS p
SET
    status = 'posted',
    external_id = :external_id,
    post_url = :post_url,
    posted_at = outcome.posted_at,
    lease_expires_at = NULL,
    error = NULL
FROM outcome
WHERE p.tenant_id = :tenant_id
    AND p.id = :id
    AND p.status IN ('claimed', 'unknown')
    AND p.lease_id = :lease_id
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
