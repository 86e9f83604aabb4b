-- name: library.bookmark_resource :one
-- That a user keeps a resource, as before if so; no row when it is deleted, or not to be seen. A trigger counts it.
-- row: bookmark_state, the original
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: resource_id uuid = '00000000-0000-7000-8000-000000000071'
-- param: user_id     uuid = '00000000-0000-7000-8000-000000000002'
-- not null: resource_id, is_bookmarked, is_changed
WITH resource AS (
    SELECT r.id
    FROM library.resources AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id = :resource_id
        AND NOT r.is_deleted
),

bookmark AS (
    INSERT INTO library.bookmarks (tenant_id, user_id, resource_id)
    SELECT
        :tenant_id,
        :user_id,
        resource.id
    FROM resource
    ON CONFLICT DO NOTHING
    RETURNING resource_id
)

SELECT
    resource.id AS resource_id,
    true AS is_bookmarked,
    bookmark.resource_id IS NOT NULL AS is_changed
FROM resource
LEFT OUTER JOIN bookmark ON bookmark.resource_id = resource.id;
