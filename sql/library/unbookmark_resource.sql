-- name: library.unbookmark_resource :one
-- That a user does not keep a resource any more, or did not; no row when the user neither kept it nor sees it: it may
-- have become private since. A trigger counts it.
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
    :resource_id::uuid AS resource_id,
    false AS is_bookmarked,
    (SELECT count(*) FROM bookmark) = 1 AS is_changed
WHERE EXISTS (SELECT FROM bookmark)
    OR EXISTS (
        SELECT FROM library.resources AS r
        WHERE r.tenant_id = :tenant_id
            AND r.id = :resource_id
            AND NOT r.is_deleted
    );
