-- name: inbox.get_message :one
-- One message.
-- row: message, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000006'
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
    AND m.id = :id;
