-- name: library.recount_resources :many
-- Those of some locked resources whose counts were wrong, with what they are now: library.recount() counts. What was
-- right is not written. After library.lock_next_resources, in the same transaction, which sees the rows of all users.
-- Indexes: the primary key, bookmarks_of_resource, the primary key of library.resource_views.
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: ids       uuid[] = '{00000000-0000-7000-8000-000000000041}'
UPDATE library.resources AS r
SET counted_at = now()
WHERE r.tenant_id = :tenant_id
    AND r.id = any(:ids::uuid [])
    AND (
        r.bookmarks <> (
            SELECT count(*) FROM library.bookmarks AS b
            WHERE b.tenant_id = :tenant_id
                AND b.resource_id = r.id
        )
        OR r.views <> (
            SELECT count(*) FROM library.resource_views AS v
            WHERE v.tenant_id = :tenant_id
                AND v.resource_id = r.id
        )
    )
RETURNING
    r.id,
    r.bookmarks AS counted_bookmarks,
    r.views AS counted_views;
