-- name: identity.list_participants :page
-- Who takes part in a chat, by user: who has been here longest first. Index: chat_participants_participant_key.
-- row: participant, the original
-- param: tenant_id     uuid = '00000000-0000-7000-8000-000000000001'
-- param: chat_id       uuid = '00000000-0000-7000-8000-000000000072'
-- param: after_user_id uuid = '00000000-0000-0000-0000-000000000000'
-- param: limit         int  = 30
SELECT
    p.id,
    p.chat_id,
    p.user_id,
    u.public_id AS user_public_id,
    u.display_name,
    u.handle,
    p.has_unread,
    p.created_at,
    p.updated_at,
    p.revision
FROM identity.chat_participants AS p
-- One by one: a plan for the average tenant would merge with all users of a large one.
CROSS JOIN
    LATERAL (
        SELECT
            k.public_id,
            k.display_name,
            k.handle
        FROM identity.users AS k
        WHERE k.tenant_id = :tenant_id
            AND k.id = p.user_id
        ORDER BY k.id
        LIMIT 1
    ) AS u
WHERE p.tenant_id = :tenant_id
    AND p.team_id = (
        SELECT c.team_id
        FROM identity.chats AS c
        WHERE c.tenant_id = :tenant_id
            AND c.id = :chat_id
    )
    AND p.chat_id = :chat_id
    AND p.user_id > :after_user_id
ORDER BY p.user_id
LIMIT :limit + 1;
