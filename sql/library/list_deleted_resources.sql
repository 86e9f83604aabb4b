-- name: library.list_deleted_resources :page
-- Deleted resources, the last deleted first. Index: resources_deleted. After enter_for_all_users.
-- row: resource
-- param: tenant_id        uuid        = '00000000-0000-7000-8000-000000000001'
-- param: after_deleted_at timestamptz = 'infinity'
-- param: after_id         uuid        = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit            int         = 30
SELECT
    r.id,
    r.public_id,
    r.resource_type,
    r.is_private,
    r.parent_id,
    r.created_by_id,
    r.owned_by_user_id,
    r.owned_by_team_id,
    r.has_complete_version,
    r.completed_at,
    r.score,
    r.bookmarks,
    r.views,
    r.is_deleted,
    r.deleted_at,
    r.deleted_by_id,
    r.created_at,
    r.updated_at,
    r.revision
FROM library.resources AS r
WHERE r.tenant_id = :tenant_id
    AND r.deleted_at IS NOT NULL
    AND (r.deleted_at, r.id) < (:after_deleted_at, :after_id)
ORDER BY r.deleted_at DESC, r.id DESC
LIMIT :limit + 1;
