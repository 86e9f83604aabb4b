-- name: inbox.list_idle_conversations :many
-- Conversations of one status in which nothing has happened for longer than they are kept so, and that have no reply on
-- its way, which would keep them from being archived. Some of them, in the order of their ids.
-- Index: conversations_status.
-- scan: drafts.scheduled_replies: only those on their way, by a partial index
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: status    text     = 'closed'
-- param: keep      interval = '365 days'
-- param: after_id  uuid     = '00000000-0000-0000-0000-000000000000'
-- param: limit     int      = 1000
SELECT
    c.id,
    c.revision
FROM inbox.conversations AS c
WHERE c.tenant_id = :tenant_id
    AND c.status = :status
    AND c.id > :after_id
    AND c.updated_at < now() - :keep::interval
    AND (c.last_message_at IS NULL OR c.last_message_at < now() - :keep::interval)
    AND NOT EXISTS (
        SELECT 1
        FROM drafts.scheduled_replies AS live
        WHERE live.tenant_id = :tenant_id
            AND live.conversation_id = c.id
            AND live.status IN ('held', 'scheduled', 'claimed', 'unknown')
    )
ORDER BY c.id
LIMIT :limit;
