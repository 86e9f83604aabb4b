-- name: identity.list_members :page
-- The members of a team, by user: who has been here longest first. Index: team_members_member_key.
-- row: member
-- param: tenant_id     uuid = '00000000-0000-7000-8000-000000000001'
-- param: team_id       uuid = '00000000-0000-7000-8000-000000000071'
-- param: after_user_id uuid = '00000000-0000-0000-0000-000000000000'
-- param: limit         int  = 30
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
-- One by one: a plan for the average tenant would merge with all users of a large one.
CROSS JOIN
    LATERAL (
        SELECT
            k.public_id,
            k.display_name,
            k.handle
        FROM identity.users AS k
        WHERE k.tenant_id = :tenant_id
            AND k.id = m.user_id
        ORDER BY k.id
        LIMIT 1
    ) AS u
WHERE m.tenant_id = :tenant_id
    AND m.team_id = :team_id
    AND m.user_id > :after_user_id
ORDER BY m.user_id
LIMIT :limit + 1;
