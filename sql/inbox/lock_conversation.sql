-- name: inbox.lock_conversation :exec
-- Keeps new drafts and replies out of a conversation while it is archived. A statement of its own, sent before
-- the next: what others committed while it waited must be visible to that one.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000005'
SELECT c.id
FROM inbox.conversations AS c
WHERE c.tenant_id = :tenant_id
    AND c.id = :id
FOR UPDATE;
