-- name: library.get_resource_state :one
-- Why a change of a resource is refused: the resource, and a deleted one as well to who might restore it.
-- row: resource
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000071'
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
    AND r.id = :id
    AND (NOT r.is_deleted OR library.may_change(r.owned_by_user_id, r.owned_by_team_id, 'delete-resources'));
