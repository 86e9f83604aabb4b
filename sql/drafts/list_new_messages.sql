-- name: drafts.list_new_messages :many
-- What came to a conversation after the message that a person has seen, the latest first; none if that is the message
-- that came last. Index: messages_conversation_key.
-- param: tenant_id       uuid = '00000000-0000-7000-8000-000000000001'
-- param: conversation_id uuid = '00000000-0000-7000-8000-000000000005'
-- param: seen_message_id uuid = '00000000-0000-7000-8000-000000000006'
SELECT
    m.id,
    m.external_id,
    m.direction,
    m.subject,
    left(coalesce(m.body_text, m.body_html), 500) AS excerpt,
    m.sent_at
FROM inbox.conversations AS c
INNER JOIN inbox.messages AS m
    ON m.tenant_id = :tenant_id
    AND m.conversation_id = :conversation_id
WHERE c.tenant_id = :tenant_id
    AND c.id = :conversation_id
    AND c.last_message_id <> :seen_message_id
    -- Of messages that came at the same moment the last may have the smaller id.
    AND (m.id > :seen_message_id OR m.id = c.last_message_id)
ORDER BY m.id DESC
LIMIT 20;
