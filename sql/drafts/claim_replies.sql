-- name: drafts.claim_replies :many
-- Gives replies that are due to a posting worker, under a lease, with all that it needs to send them. A reply
-- is given to one worker only: others skip its locked row. Indexes: scheduled_replies_due, attachments_draft.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: worker    text     = 'poster-1'
-- param: lease_id  uuid     = '00000000-0000-7000-8000-000000000009'
-- param: lease     interval = '60 seconds'
-- param: limit     int      = 10
-- not null: lease_id, lease_expires_at, attachments
WITH due AS (
    SELECT r.id
    FROM drafts.scheduled_replies AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'scheduled'
        AND r.scheduled_for <= now()
    ORDER BY r.scheduled_for, r.id
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
),

claimed AS (
    UPDATE drafts.scheduled_replies AS r
    SET
        status = 'claimed',
        locked_by = :worker,
        lease_id = :lease_id,
        lease_expires_at = now() + :lease,
        attempts = r.attempts + 1
    WHERE r.tenant_id = :tenant_id
        AND r.id = any(array(SELECT due.id FROM due))
    RETURNING
        r.id,
        r.conversation_id,
        r.tweet_id,
        r.draft_id,
        r.final_text,
        r.final_html,
        r.scheduled_for,
        r.attempts,
        r.lease_id,
        r.lease_expires_at
)

SELECT
    claimed.id,
    claimed.conversation_id,
    claimed.tweet_id,
    claimed.draft_id,
    claimed.final_text,
    claimed.final_html,
    claimed.scheduled_for,
    claimed.attempts,
    claimed.lease_id,
    claimed.lease_expires_at,
    ch.type AS channel_type,
    ch.external_id AS channel_external_id,
    c.external_id AS conversation_external_id,
    c.subject,
    c.customer_email,
    t.author_handle,
    coalesce(m.external_id, t.external_id) AS in_reply_to_external_id,
    coalesce(files.attachments, '[]') AS attachments
FROM claimed
LEFT OUTER JOIN inbox.conversations AS c
    ON c.tenant_id = :tenant_id
    AND c.id = claimed.conversation_id
LEFT OUTER JOIN inbox.channels AS ch
    ON ch.tenant_id = :tenant_id
    AND ch.id = c.channel_id
INNER JOIN drafts.drafts AS d
    ON d.tenant_id = :tenant_id
    AND d.id = claimed.draft_id
LEFT OUTER JOIN inbox.messages AS m
    ON m.tenant_id = :tenant_id
    AND m.id = d.trigger_message_id
LEFT OUTER JOIN tweets.tweets AS t
    ON t.tenant_id = :tenant_id
    AND t.id = claimed.tweet_id
LEFT OUTER JOIN LATERAL (
    SELECT
        json_agg(
            json_build_object(
                'id', a.id,
                'file_name', a.file_name,
                'mime_type', a.mime_type,
                'size_bytes', a.size_bytes,
                'object_key', a.object_key,
                'external_id', a.external_id,
                'url', a.url
            )
            ORDER BY a.id
        ) AS attachments
    FROM inbox.attachments AS a
    WHERE a.tenant_id = :tenant_id
        AND a.draft_id = claimed.draft_id
) AS files ON true
ORDER BY claimed.scheduled_for, claimed.id;
