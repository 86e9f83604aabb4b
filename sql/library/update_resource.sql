-- name: library.update_resource :maybe
-- Changes what `changes` names; no row when the resource is deleted, or the revision is another. A trigger refuses it
-- to others than the owner, and the score to who does not manage the library.
-- row: resource
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000071'
-- param: changes   jsonb       = '{"is_private": true}'
-- param: revision  bigint NULL = NULL
UPDATE library.resources AS r
SET
    is_private = coalesce((:changes::jsonb ->> 'is_private')::boolean, r.is_private),
    score = coalesce((:changes::jsonb ->> 'score')::integer, r.score)
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
