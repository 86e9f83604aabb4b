-- name: inbox.list_conversations_by_channel_oldest_first :page
-- Conversations of one channel, oldest first.
-- Index: conversations_channel.
-- row: conversation
-- param: tenant_id  uuid = '00000000-0000-7000-8000-000000000001'
-- param: channel_id uuid = '00000000-0000-7000-8000-000000000004'
-- param: after_id   uuid = '00000000-0000-0000-0000-000000000000'
-- param: limit      int  = 30
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
    AND c.channel_id = :channel_id
    AND c.id > :after_id
ORDER BY c.id
LIMIT :limit + 1;
