-- name: drafts.feed :page
-- Open conversations, the one with the latest inbound message first, each with that message and its pending
-- draft: what a reviewer works through. The message that came last need not be the latest one.
-- Indexes: conversations_feed, messages_conversation_sent, drafts_one_pending.
-- param: tenant_id             uuid        = '00000000-0000-7000-8000-000000000001'
-- param: pending_only          boolean     = false
-- param: after_last_inbound_at timestamptz = 'infinity'
-- param: after_id              uuid        = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit                 int         = 30
SELECT
    c.id,
    c.channel_id,
    c.external_id,
    c.subject,
    c.status,
    c.customer_email,
    c.customer_name,
    c.last_inbound_at,
    c.last_message_id,
    latest.message,
    pending.draft
FROM inbox.conversations AS c
LEFT OUTER JOIN LATERAL (
    SELECT
        json_build_object(
            'id', m.id,
            'external_id', m.external_id,
            'subject', m.subject,
            'body_text', m.body_text,
            'body_html', m.body_html,
            'sent_at', m.sent_at
        ) AS message
    FROM inbox.messages AS m
    WHERE m.tenant_id = :tenant_id
        AND m.conversation_id = c.id
        AND m.direction = 'inbound'
    ORDER BY m.sent_at DESC, m.id DESC
    LIMIT 1
) AS latest ON true
LEFT OUTER JOIN LATERAL (
    SELECT
        json_build_object(
            'id', d.id,
            'version', d.version,
            'status', d.status,
            'model_key', d.model_key,
            'prompt_version', d.prompt_version,
            'prompt_version_id', d.prompt_version_id,
            'suggested_text', d.suggested_text,
            'suggested_html', d.suggested_html,
            'top_sources', d.top_sources,
            'trigger_message_id', d.trigger_message_id,
            'style_score', d.style_score,
            'toxicity_score', d.toxicity_score,
            'created_at', d.created_at,
            'revision', d.revision
        ) AS draft
    FROM drafts.drafts AS d
    WHERE d.tenant_id = :tenant_id
        AND d.conversation_id = c.id
        AND d.status = 'pending'
    -- There is one at most. So it is looked up for each conversation that is shown, and never joined with all of them.
    ORDER BY d.id
    LIMIT 1
) AS pending ON true
WHERE c.tenant_id = :tenant_id
    AND c.status = 'open'
    AND (c.last_inbound_at, c.id) < (:after_last_inbound_at, :after_id)
    AND (NOT :pending_only OR pending.draft IS NOT NULL)
ORDER BY c.last_inbound_at DESC, c.id DESC
LIMIT :limit + 1;
