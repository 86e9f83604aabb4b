-- name: identity.get_team :one
-- One team, if the caller may see it.
-- row: team, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000071'
SELECT
    t.id,
    t.public_id,
    t.name,
    t.handle,
    t.description,
    t.is_private,
    t.is_open_to_new_members,
    t.languages,
    t.config,
    t.parent_id,
    t.created_by_id,
    t.member_count,
    t.admin_count,
    t.created_at,
    t.updated_at,
    t.revision
FROM identity.teams AS t
WHERE t.tenant_id = :tenant_id
    AND t.id = :id;
