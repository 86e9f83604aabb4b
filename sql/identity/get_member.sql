-- name: identity.get_member :one
-- One member of a team.
-- row: member, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: team_id   uuid = '00000000-0000-7000-8000-000000000071'
-- param: user_id   uuid = '00000000-0000-7000-8000-000000000002'
SELECT
    m.id,
    m.team_id,
    m.user_id,
    u.public_id AS user_public_id,
    u.display_name,
    u.handle,
    m.is_admin,
    m.permissions,
    m.created_at,
    m.updated_at,
    m.revision
FROM identity.team_members AS m
INNER JOIN identity.users AS u
    ON u.tenant_id = :tenant_id
    AND u.id = m.user_id
WHERE m.tenant_id = :tenant_id
    AND m.team_id = :team_id
    AND m.user_id = :user_id;
