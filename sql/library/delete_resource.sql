-- name: library.delete_resource :maybe
-- Deletes a resource so that it can be restored; no row when it is deleted already, or the revision is another.
-- Triggers refuse it to who may not, cancel the runs of its versions, and count it in the statistics.
-- row: resource
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000071'
-- param: user_id   uuid NULL   = '00000000-0000-7000-8000-000000000002'
-- param: revision  bigint NULL = NULL
UPDATE library.resources AS r
SET
    deleted_at = now(),
    deleted_by_id = :user_id
WHERE r.tenant_id = :tenant_id
    AND r.id = :id
    AND r.deleted_at IS NULL
    AND (:revision::bigint IS NULL OR r.revision = :revision)
RETURNING
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
    r.revision;
