-- name: library.lock_next_resources :many
-- Locks a batch of resources, in the order of their ids, for library.recount_resources in the same transaction: who is
-- counting has committed by then, or waits, and the next statement sees what was committed. Index: the primary key.
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid    = '00000000-0000-0000-0000-000000000000'
-- param: limit     integer = '1000'
SELECT
    r.id,
    r.bookmarks,
    r.views
FROM library.resources AS r
WHERE r.tenant_id = :tenant_id
    AND r.id > :after_id
ORDER BY r.id
LIMIT :limit
FOR NO KEY UPDATE;
