-- name: drafts.rescue_replies :exec
-- Leases that ran out: nobody knows whether the worker had sent the reply before it died, so a person must
-- look. Sending it again could send it twice. The lease stays on it, for its worker may still tell. 100 at a time, so
-- that no claim takes long over it; runs before every claim. Index: scheduled_replies_leased.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
WITH lost AS (
    SELECT r.id
    FROM drafts.scheduled_replies AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'claimed'
        AND r.lease_expires_at <= now()
    ORDER BY r.lease_expires_at
    LIMIT 100
    FOR UPDATE SKIP LOCKED
),

rescued AS (
    UPDATE drafts.scheduled_replies AS r
    SET
        status = 'unknown',
        lease_expires_at = NULL,
        error = 'the lease ran out before the worker reported'
    FROM lost
    WHERE r.tenant_id = :tenant_id
        AND r.id = lost.id
    RETURNING
        r.id,
        r.draft_id,
        r.conversation_id,
        r.tweet_id
)

INSERT INTO operations.notifications (tenant_id, type, payload)
SELECT
    :tenant_id,
    'delivery_unknown',
    jsonb_strip_nulls(
        jsonb_build_object(
            'scheduled_reply_id', rescued.id,
            'draft_id', rescued.draft_id,
            'conversation_id', rescued.conversation_id,
            'tweet_id', rescued.tweet_id
        )
    )
FROM rescued
ON CONFLICT DO NOTHING;
