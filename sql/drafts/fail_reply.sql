-- name: drafts.fail_reply :maybe
-- A posting worker could not send the reply, or does not know. What was surely not sent is tried again, each
-- time after twice the delay, up to its attempts; what may have been sent waits for a person. The worker is believed
-- late, too, as by drafts.confirm_reply; but then people have been told to look, so the reply is held for them. No row
-- when the outcome is known, or the lease is another.
-- row: scheduled_reply
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid     = '00000000-0000-7000-8000-000000000008'
-- param: lease_id  uuid     = '00000000-0000-7000-8000-000000000009'
-- param: outcome   text     = 'not_sent'
-- param: error     text     = 'connection refused'
-- param: delay     interval = '30 seconds'
-- param: max_delay interval = '1 hour'
WITH lost AS (
    SELECT
        r.id,
        CASE
            WHEN :outcome = 'unknown' THEN 'unknown'
            WHEN r.status = 'unknown' THEN 'held'
            WHEN r.attempts >= r.max_attempts THEN 'failed'
            ELSE 'scheduled'
        END AS status,
        now() + least(:delay::interval * power(2, least(r.attempts - 1, 30)), :max_delay) AS next_try
    FROM drafts.scheduled_replies AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id = :id
        AND (r.status = 'claimed' OR (r.status = 'unknown' AND :outcome = 'not_sent'))
        AND r.lease_id = :lease_id
    FOR UPDATE
),

failed AS (
    UPDATE drafts.scheduled_replies AS r
    SET
        status = lost.status,
        scheduled_for = CASE
            WHEN lost.status = 'scheduled' THEN lost.next_try
            WHEN lost.status = 'held' THEN NULL
            ELSE r.scheduled_for
        END,
        lease_expires_at = NULL,
        error = :error
    FROM lost
    WHERE r.tenant_id = :tenant_id
        AND r.id = lost.id
    RETURNING
        r.id,
        r.conversation_id,
        r.tweet_id,
        r.draft_id,
        r.status,
        r.final_text,
        r.final_html,
        r.scheduled_for,
        r.hold_reason,
        r.attempts,
        r.max_attempts,
        r.locked_by,
        r.lease_expires_at,
        r.error,
        r.external_id,
        r.message_id,
        r.sent_at,
        r.created_at,
        r.updated_at,
        r.redacted_at,
        r.revision
),

notification AS (
    INSERT INTO operations.notifications AS n (tenant_id, type, payload)
    SELECT
        :tenant_id,
        'delivery_' || failed.status,
        jsonb_strip_nulls(
            jsonb_build_object(
                'scheduled_reply_id', failed.id,
                'draft_id', failed.draft_id,
                'conversation_id', failed.conversation_id,
                'tweet_id', failed.tweet_id
            )
        )
    FROM failed
    WHERE failed.status IN ('failed', 'unknown')
    RETURNING n.id
)

SELECT
    failed.id,
    failed.conversation_id,
    failed.tweet_id,
    failed.draft_id,
    failed.status,
    failed.final_text,
    failed.final_html,
    failed.scheduled_for,
    failed.hold_reason,
    failed.attempts,
    failed.max_attempts,
    failed.locked_by,
    failed.lease_expires_at,
    failed.error,
    failed.external_id,
    failed.message_id,
    failed.sent_at,
    failed.created_at,
    failed.updated_at,
    failed.redacted_at,
    failed.revision
FROM failed;
