-- name: identity.list_teams_by_handle :page
-- The team that has a handle, in upper or lower case: a list, of one at most. Index: teams_handle_key.
-- row: team
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: handle    text = 'support'
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
    AND t.handle = lower(:handle)
    AND t.id < :after_id
ORDER BY t.id DESC
LIMIT :limit + 1;
