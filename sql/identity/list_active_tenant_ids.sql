-- name: identity.list_active_tenant_ids :many
-- The tenants that are not suspended, for the worker's tasks; for the owner, as another role sees its own only.
-- not null: id
SELECT t.id
FROM identity.active_tenant_ids() AS t (id)
ORDER BY t.id;
