-- name: identity.list_teams_of_user :page
-- The teams that a user is in, the newest membership first: of private teams those that the caller is in as well.
-- Index: team_members_user.
-- row: team_of_user, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid = '00000000-0000-7000-8000-000000000002'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    m.id,
    m.team_id,
    t.public_id AS team_public_id,
    t.name,
    t.handle,
    t.is_private,
    t.member_count,
    m.is_admin,
    m.permissions,
    m.created_at
FROM identity.team_members AS m
INNER JOIN identity.teams AS t
    ON t.tenant_id = :tenant_id
    AND t.id = m.team_id
WHERE m.tenant_id = :tenant_id
    AND m.user_id = :user_id
    AND m.id < :after_id
ORDER BY m.id DESC
LIMIT :limit + 1;
