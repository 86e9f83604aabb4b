-- name: library.restore_resource :maybe
-- Brings a deleted resource back; no row when it is not deleted, not for the user to restore, or the revision is
-- another. Its runs stay cancelled.
-- row: resource
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000071'
-- param: revision  bigint NULL = NULL
WITH permitted AS (
    SELECT r.id
    FROM library.resources AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id = :id
        AND library.may_change(r.owned_by_user_id, r.owned_by_team_id, 'delete-resources')
)

UPDATE library.resources AS r
SET
    deleted_at = NULL,
    deleted_by_id = NULL
FROM permitted
WHERE r.tenant_id = :tenant_id
    AND r.id = permitted.id
    AND r.deleted_at IS NOT NULL
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
