-- name: inbox.list_conversations_by_external_id_oldest_first :page
-- The conversations, one per channel, that have an external id, oldest first.
-- Index: conversations_external_id.
-- row: conversation
-- param: tenant_id   uuid      = '00000000-0000-7000-8000-000000000001'
-- param: external_id text      = 'TICKET-123'
-- param: status      text NULL = NULL
-- param: after_id    uuid      = '00000000-0000-0000-0000-000000000000'
-- param: limit       int       = 30
SELECT
    c.id,
    c.channel_id,
    c.external_id,
    c.subject,
    c.status,
    c.customer_email,
    c.customer_name,
    c.last_message_at,
    c.last_inbound_at,
    c.last_message_id,
    c.draft_count,
    c.created_at,
    c.updated_at,
    c.revision
FROM inbox.conversations AS c
WHERE c.tenant_id = :tenant_id
    AND c.external_id = :external_id
    AND (:status::text IS NULL OR c.status = :status)
    AND c.id > :after_id
ORDER BY c.id
LIMIT :limit + 1;
