-- name: identity.delete_team :maybe
-- Deletes a team with its members, chats and statistics; no row when the caller sees no such team, or the revision is
-- another. A trigger holds it to admins, and foreign keys to teams without others below them and without resources.
-- row: team
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000071'
-- param: revision  bigint NULL = NULL
DELETE FROM identity.teams AS t
WHERE t.tenant_id = :tenant_id
    AND t.id = :id
    AND (:revision::bigint IS NULL OR t.revision = :revision)
RETURNING
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
    t.revision;
