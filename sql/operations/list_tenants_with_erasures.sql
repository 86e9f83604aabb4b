-- name: operations.list_tenants_with_erasures :many
-- The tenants that asked for erasures which are not done. For the owner, as another role sees its own only.
-- Index: erasures_pending.
-- not null: id
SELECT t.id
FROM operations.tenants_with_work() AS t
WHERE t.has_erasures
ORDER BY t.id;
