-- name: drafts.confirm_reply :maybe
-- A posting worker has sent the reply: only now is the draft sent, and the outbound message there, or the tweet
-- posted. If the channel has told of the message already, that one is taken; one that came in is refused by the
-- trigger drafts.require_outbound_message(). Nobody else is given a reply whose lease ran out, so its worker is
-- believed, however late, until the outcome is known. No row when it is, or when the lease is another.
-- row: scheduled_reply
-- param: tenant_id   uuid             = '00000000-0000-7000-8000-000000000001'
-- param: id          uuid             = '00000000-0000-7000-8000-000000000008'
-- param: lease_id    uuid             = '00000000-0000-7000-8000-000000000009'
-- param: external_id text             = 'OUT-1'
-- param: sent_at     timestamptz NULL = NULL
-- not null: id, draft_id, status, attempts, max_attempts, created_at, updated_at, revision
WITH conversation AS (
    -- First, as whoever adds a message does: the other way round they would deadlock over the reply.
    SELECT c.id
    FROM inbox.conversations AS c
    INNER JOIN drafts.scheduled_replies AS r
        ON r.tenant_id = :tenant_id
        AND r.conversation_id = c.id
        AND r.id = :id
    WHERE c.tenant_id = :tenant_id
    FOR NO KEY UPDATE OF c
),

tweet AS (
    -- The same: the trigger drafts.post_tweet() will change it.
    SELECT t.id
    FROM tweets.tweets AS t
    INNER JOIN drafts.scheduled_replies AS r
        ON r.tenant_id = :tenant_id
        AND r.tweet_id = t.id
        AND r.id = :id
    WHERE t.tenant_id = :tenant_id
    FOR NO KEY UPDATE OF t
),

reply_to_confirm AS (
    SELECT
        r.id,
        r.conversation_id,
        r.tweet_id,
        r.draft_id,
        r.final_text,
        r.final_html,
        coalesce(:sent_at, now()) AS sent_at
    FROM drafts.scheduled_replies AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id = :id
        AND r.status IN ('claimed', 'unknown')
        AND r.lease_id = :lease_id
        AND (
            r.conversation_id IN (SELECT conversation.id FROM conversation)
            OR r.tweet_id IN (SELECT tweet.id FROM tweet)
        )
    FOR UPDATE
),

message AS (
    INSERT INTO inbox.messages AS m (
        tenant_id, conversation_id, external_id, direction, body_text, body_html, sent_at
    )
    SELECT
        :tenant_id,
        reply_to_confirm.conversation_id,
        :external_id,
        'outbound',
        reply_to_confirm.final_text,
        reply_to_confirm.final_html,
        reply_to_confirm.sent_at
    FROM reply_to_confirm
    WHERE reply_to_confirm.conversation_id IS NOT NULL
    ON CONFLICT (tenant_id, conversation_id, external_id) DO UPDATE
        SET direction = m.direction
    RETURNING m.id
),

draft AS (
    UPDATE drafts.drafts AS d
    SET status = 'sent'
    FROM reply_to_confirm
    WHERE d.tenant_id = :tenant_id
        AND d.id = reply_to_confirm.draft_id
    RETURNING d.id
)

UPDATE drafts.scheduled_replies AS r
SET
    status = 'sent',
    external_id = :external_id,
    message_id = message.id,
    sent_at = reply_to_confirm.sent_at,
    lease_expires_at = NULL,
    error = NULL
FROM reply_to_confirm
LEFT OUTER JOIN message ON true
WHERE r.tenant_id = :tenant_id
    AND r.id = reply_to_confirm.id
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
    r.revision;
