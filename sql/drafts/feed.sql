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
    row_to_json(latest) AS message,
    row_to_json(pending) AS draft
FROM inbox.conversations AS c
LEFT OUTER JOIN LATERAL (
    SELECT
        m.id,
        m.external_id,
        m.subject,
        m.body_text,
        m.body_html,
        m.sent_at
    FROM inbox.messages AS m
    WHERE m.tenant_id = :tenant_id
        AND m.conversation_id = c.id
        AND m.direction = 'inbound'
    ORDER BY m.sent_at DESC, m.id DESC
    LIMIT 1
) AS latest ON true
LEFT OUTER JOIN LATERAL (
    SELECT
        d.id,
        d.version,
        d.status,
        d.model_key,
        d.prompt_version,
        d.prompt_version_id,
        d.suggested_text,
        d.suggested_html,
        d.top_sources,
        d.trigger_message_id,
        d.style_score,
        d.toxicity_score,
        d.created_at,
        d.revision
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
    AND (NOT :pending_only OR pending.id IS NOT NULL)
ORDER BY c.last_inbound_at DESC, c.id DESC
LIMIT :limit + 1;
