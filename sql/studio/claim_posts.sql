-- name: studio.claim_posts :many
-- Gives posts that are due to a posting worker, under a lease, with all that it needs to post them: one of each
-- account that is active, has a place today and gave no other out within its minimum distance. A place that the post
-- does not have yet is taken. Others skip the locked rows. The tokens are encrypted. Index: social_posts_account.
-- scan: studio.social_accounts: each of the tenant may have a post that is due
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: worker    text     = 'poster-1'
-- param: lease_id  uuid     = '00000000-0000-7000-8000-000000000009'
-- param: lease     interval = '60 seconds'
-- param: limit     int      = 10
-- not null: lease_id, lease_expires_at, access_token, object_key, scheduled_for, refresh_is_due
WITH due AS (
    SELECT
        earliest.id,
        earliest.reserved_on
    FROM studio.social_accounts AS a
    INNER JOIN LATERAL (
        SELECT
            p.id,
            p.scheduled_for,
            p.reserved_on
        FROM studio.social_posts AS p
        WHERE p.tenant_id = :tenant_id
            AND p.account_id = a.id
            AND p.status = 'scheduled'
            AND p.scheduled_for <= now()
            AND p.attempts < p.max_attempts
            AND (
                p.reserved_on = (now() AT TIME ZONE 'UTC')::date
                OR a.used_on IS DISTINCT FROM (now() AT TIME ZONE 'UTC')::date
                OR a.used_today < a.daily_limit
            )
        ORDER BY p.scheduled_for, p.id
        LIMIT 1
    ) AS earliest ON true
    WHERE a.tenant_id = :tenant_id
        AND a.is_active
        AND (
            a.last_claimed_at IS NULL
            OR a.last_claimed_at <= now() - make_interval(mins => a.min_distance_minutes)
        )
        -- Once more, for an account that others have changed meanwhile.
        AND (
            earliest.reserved_on = (now() AT TIME ZONE 'UTC')::date
            OR a.used_on IS DISTINCT FROM (now() AT TIME ZONE 'UTC')::date
            OR a.used_today < a.daily_limit
        )
    ORDER BY earliest.scheduled_for, earliest.id
    LIMIT :limit
    FOR NO KEY UPDATE OF a SKIP LOCKED
),

free AS (
    SELECT p.id
    FROM studio.social_posts AS p
    INNER JOIN due
        ON due.id = p.id
        AND due.reserved_on IS NOT DISTINCT FROM p.reserved_on
    WHERE p.tenant_id = :tenant_id
        AND p.id = any(array(SELECT d.id FROM due AS d))
        AND p.status = 'scheduled'
        AND p.scheduled_for <= now()
    FOR NO KEY UPDATE OF p SKIP LOCKED
),

claimed AS (
    UPDATE studio.social_posts AS p
    SET
        status = 'claimed',
        reserved_on = (now() AT TIME ZONE 'UTC')::date,
        locked_by = :worker,
        lease_id = :lease_id,
        lease_expires_at = now() + :lease,
        claimed_at = now(),
        attempts = p.attempts + 1
    WHERE p.tenant_id = :tenant_id
        AND p.id = any(array(SELECT free.id FROM free))
    RETURNING
        p.id,
        p.video_id,
        p.account_id,
        p.platform,
        p.caption,
        p.idempotency_key,
        p.scheduled_for,
        p.attempts,
        p.lease_id,
        p.lease_expires_at
)

SELECT
    claimed.id,
    claimed.video_id,
    claimed.account_id,
    claimed.platform,
    claimed.caption,
    claimed.idempotency_key,
    claimed.scheduled_for,
    claimed.attempts,
    claimed.lease_id,
    claimed.lease_expires_at,
    a.username,
    a.revision AS account_revision,
    a.access_token,
    a.refresh_token,
    a.token_expires_at,
    coalesce(a.token_expires_at <= now() + interval '5 minutes', false) AS refresh_is_due,
    v.object_key,
    v.cdn_url
FROM claimed
INNER JOIN studio.social_accounts AS a
    ON a.tenant_id = :tenant_id
    AND a.id = claimed.account_id
INNER JOIN studio.videos AS v
    ON v.tenant_id = :tenant_id
    AND v.id = claimed.video_id
ORDER BY claimed.scheduled_for, claimed.id;
