-- name: studio.update_social_post :maybe
-- Another caption for a post that has not gone out. No row for any other, when the revision is another, or when
-- another post of the account has the video with this caption.
-- row: social_post
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000035'
-- param: caption   text        = 'It knows my name.'
-- param: revision  bigint NULL = NULL
UPDATE studio.social_posts AS p
SET caption = :caption
WHERE p.tenant_id = :tenant_id
    AND p.id = :id
    AND p.status IN ('draft', 'scheduled', 'failed')
    AND (:revision::bigint IS NULL OR p.revision = :revision)
    AND (
        p.status = 'draft'
        OR NOT EXISTS (
            SELECT FROM studio.social_posts AS other
            WHERE other.tenant_id = :tenant_id
                AND other.account_id = p.account_id
                AND other.video_id = p.video_id
                AND md5(other.caption) = md5(:caption)
                AND other.status NOT IN ('draft', 'cancelled')
                AND other.id <> p.id
        )
    )
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
