-- name: identity.list_tenant_ids :many
-- All tenants, for a command that the owner runs on each; another role sees its own only.
-- not null: id
SELECT t.id
FROM identity.tenant_ids() AS t (id)
ORDER BY t.id;
