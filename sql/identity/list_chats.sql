-- name: identity.list_chats :page
-- The chats of a team, newest first. Index: chats_team_key.
-- row: chat
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: team_id   uuid = '00000000-0000-7000-8000-000000000071'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
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
    AND c.team_id = :team_id
    AND c.id < :after_id
ORDER BY c.id DESC
LIMIT :limit + 1;
