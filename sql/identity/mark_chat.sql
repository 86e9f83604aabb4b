-- name: identity.mark_chat :maybe
-- Says whether a participant has something unread in a chat; no row when the user does not take part in it.
-- row: participant
-- param: tenant_id  uuid    = '00000000-0000-7000-8000-000000000001'
-- param: chat_id    uuid    = '00000000-0000-7000-8000-000000000072'
-- param: user_id    uuid    = '00000000-0000-7000-8000-000000000002'
-- param: has_unread boolean = false
UPDATE identity.chat_participants AS p
SET has_unread = :has_unread
FROM identity.chats AS c
CROSS JOIN identity.users AS u
WHERE p.tenant_id = :tenant_id
    AND p.team_id = c.team_id
    AND p.chat_id = c.id
    AND p.user_id = :user_id
    AND c.tenant_id = :tenant_id
    AND c.id = :chat_id
    AND u.tenant_id = :tenant_id
    AND u.id = p.user_id
RETURNING
    p.id,
    p.chat_id,
    p.user_id,
    u.public_id AS user_public_id,
    u.display_name,
    u.handle,
    p.has_unread,
    p.created_at,
    p.updated_at,
    p.revision;
