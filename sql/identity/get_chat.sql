-- name: identity.get_chat :one
-- One chat, if the caller may see its team.
-- row: chat, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000072'
-- not null: is_private
SELECT
    c.id,
    c.public_id,
    c.team_id,
    c.created_by_id,
    c.audience <> c.tenant_id AS is_private,
    c.open_to_anyone_with_invite,
    c.config,
    c.created_at,
    c.updated_at,
    c.revision
FROM identity.chats AS c
WHERE c.tenant_id = :tenant_id
    AND c.id = :id;
