-- name: library.list_bookmarks :page
-- What a user keeps, the last kept first, without what was deleted or made private since. Index: bookmarks_user.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid = '00000000-0000-7000-8000-000000000002'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
-- not null: resource
SELECT
    b.id,
    b.created_at,
    json_build_object(
        'id', r.id,
        'public_id', r.public_id,
        'resource_type', r.resource_type,
        'is_private', r.is_private,
        'parent_id', r.parent_id,
        'created_by_id', r.created_by_id,
        'owned_by_user_id', r.owned_by_user_id,
        'owned_by_team_id', r.owned_by_team_id,
        'has_complete_version', r.has_complete_version,
        'completed_at', r.completed_at,
        'score', r.score,
        'bookmarks', r.bookmarks,
        'views', r.views,
        'is_deleted', r.is_deleted,
        'deleted_at', r.deleted_at,
        'deleted_by_id', r.deleted_by_id,
        'created_at', r.created_at,
        'updated_at', r.updated_at,
        'revision', r.revision
    ) AS resource
FROM library.bookmarks AS b
INNER JOIN library.resources AS r
    ON r.tenant_id = :tenant_id
    AND r.id = b.resource_id
WHERE b.tenant_id = :tenant_id
    AND b.user_id = :user_id
    AND NOT r.is_deleted
    AND b.id < :after_id
ORDER BY b.id DESC
LIMIT :limit + 1;
