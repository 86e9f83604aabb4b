-- name: library.list_resources_by_update :page
-- Listed resources of a type, the last changed first. Index: resources_updated.
-- row: resource
-- param: tenant_id        uuid        = '00000000-0000-7000-8000-000000000001'
-- param: resource_type    text        = 'Routine'
-- param: after_updated_at timestamptz = 'infinity'
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
    AND r.resource_type = :resource_type
    AND r.is_listed
    AND (r.updated_at, r.id) < (:after_updated_at, :after_id)
ORDER BY r.updated_at DESC, r.id DESC
LIMIT :limit + 1;
