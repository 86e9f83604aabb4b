-- name: studio.fail_post :maybe
-- A posting worker could not post, or does not know. What was surely not posted gives its place back and is tried
-- again, later each time, within 24 hours of the first failure and up to its attempts; what may have been posted waits
-- for a person. The worker is believed late, too, as by studio.confirm_post; but then people have been told to look,
-- so it is not tried again by itself. No row when the outcome is known, or the lease is another.
-- row: social_post
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid     = '00000000-0000-7000-8000-000000000035'
-- param: lease_id  uuid     = '00000000-0000-7000-8000-000000000009'
-- param: outcome   text     = 'not_posted'
-- param: error     text     = '503 from the platform'
-- param: delay     interval = '2 hours'
-- param: max_delay interval = '6 hours'
WITH lost AS (
    SELECT
        p.id,
        CASE WHEN :outcome = 'unknown' THEN 'unknown' ELSE 'failed' END AS status,
        coalesce(p.first_failed_at, now()) AS first_failed_at,
        CASE
            WHEN p.status = 'claimed' AND p.attempts < p.max_attempts
                THEN now() + least(:delay::interval * power(2, least(p.attempts - 1, 30)), :max_delay)
        END AS next_try
    FROM studio.social_posts AS p
    WHERE p.tenant_id = :tenant_id
        AND p.id = :id
        AND (p.status = 'claimed' OR (p.status = 'unknown' AND :outcome = 'not_posted'))
        AND p.lease_id = :lease_id
    FOR NO KEY UPDATE
),

failed AS (
    UPDATE studio.social_posts AS p
    SET
        status = lost.status,
        reserved_on = CASE WHEN lost.status = 'unknown' THEN p.reserved_on END,
        first_failed_at = CASE WHEN lost.status = 'failed' THEN lost.first_failed_at ELSE p.first_failed_at END,
        retry_at = CASE
            WHEN lost.status = 'failed' AND lost.next_try - lost.first_failed_at < interval '24 hours'
                THEN lost.next_try
        END,
        lease_expires_at = NULL,
        error = :error
    FROM lost
    WHERE p.tenant_id = :tenant_id
        AND p.id = lost.id
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
        p.revision
),

notification AS (
    INSERT INTO operations.notifications AS n (tenant_id, type, payload)
    SELECT
        :tenant_id,
        'post_' || failed.status,
        jsonb_build_object('social_post_id', failed.id)
    FROM failed
    WHERE failed.retry_at IS NULL
    RETURNING n.id
)

SELECT
    failed.id,
    failed.video_id,
    failed.platform,
    failed.account_id,
    failed.caption,
    failed.idempotency_key,
    failed.status,
    failed.scheduled_for,
    failed.reserved_on,
    failed.attempts,
    failed.max_attempts,
    failed.retry_at,
    failed.locked_by,
    failed.lease_expires_at,
    failed.error,
    failed.external_id,
    failed.post_url,
    failed.posted_at,
    failed.created_at,
    failed.updated_at,
    failed.revision
FROM failed;
