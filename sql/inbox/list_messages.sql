-- name: inbox.list_messages :page
-- Messages of a conversation, newest first.
-- Index: messages_conversation_sent.
-- row: message
-- param: tenant_id       uuid        = '00000000-0000-7000-8000-000000000001'
-- param: conversation_id uuid        = '00000000-0000-7000-8000-000000000005'
-- param: after_sent_at   timestamptz = 'infinity'
-- param: after_id        uuid        = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit           int         = 30
SELECT
    m.id,
    m.conversation_id,
    m.external_id,
    m.direction,
    m.subject,
    m.body_text,
    m.body_html,
    m.metadata,
    m.warnings,
    m.latest_version,
    m.sent_at,
    m.created_at,
    m.redacted_at
FROM inbox.messages AS m
WHERE m.tenant_id = :tenant_id
    AND m.conversation_id = :conversation_id
    AND (m.sent_at, m.id) < (:after_sent_at, :after_id)
ORDER BY m.sent_at DESC, m.id DESC
LIMIT :limit + 1;
