-- name: identity.list_teams :page
-- Teams that the caller may see, newest first. Index: the primary key.
-- row: team
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
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
    AND t.id < :after_id
ORDER BY t.id DESC
LIMIT :limit + 1;
