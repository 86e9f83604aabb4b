-- name: identity.update_member :maybe
-- Promotes or demotes a member, or changes the permissions; no row when there is no such member, or the revision is
-- another. Triggers hold it to admins, and keep the last one of them.
-- row: member
-- param: tenant_id   uuid         = '00000000-0000-7000-8000-000000000001'
-- param: team_id     uuid         = '00000000-0000-7000-8000-000000000071'
-- param: user_id     uuid         = '00000000-0000-7000-8000-000000000002'
-- param: is_admin    boolean NULL = NULL
-- param: permissions text[] NULL  = '{write-chat}'
-- param: revision    bigint NULL  = NULL
WITH team AS (
    -- Locked before the member, as where members are added: no two wait for each other.
    SELECT t.id
    FROM identity.teams AS t
    WHERE t.tenant_id = :tenant_id
        AND t.id = :team_id
    FOR NO KEY UPDATE
)

UPDATE identity.team_members AS m
SET
    is_admin = coalesce(:is_admin::boolean, m.is_admin),
    permissions = coalesce(:permissions::text [], m.permissions)
FROM team
CROSS JOIN identity.users AS u
WHERE m.tenant_id = :tenant_id
    AND m.team_id = :team_id
    AND m.team_id = team.id
    AND m.user_id = :user_id
    AND (:revision::bigint IS NULL OR m.revision = :revision)
    AND u.tenant_id = :tenant_id
    AND u.id = m.user_id
RETURNING
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
    m.revision;
