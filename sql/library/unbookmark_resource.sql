-- name: library.unbookmark_resource :one
-- That a user does not keep a resource any more, or did not; no row when it is not to be seen. A trigger counts it.
-- Index: bookmarks_resource_key.
-- row: bookmark_state
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: resource_id uuid = '00000000-0000-7000-8000-000000000071'
-- param: user_id     uuid = '00000000-0000-7000-8000-000000000002'
-- not null: resource_id, is_bookmarked, is_changed
WITH bookmark AS (
    DELETE FROM library.bookmarks AS b
    WHERE b.tenant_id = :tenant_id
        AND b.resource_id = :resource_id
        AND b.user_id = :user_id
    RETURNING b.resource_id
)

SELECT
    r.id AS resource_id,
    false AS is_bookmarked,
    bookmark.resource_id IS NOT NULL AS is_changed
FROM library.resources AS r
LEFT OUTER JOIN bookmark ON bookmark.resource_id = r.id
WHERE r.tenant_id = :tenant_id
    AND r.id = :resource_id
    AND NOT r.is_deleted;
