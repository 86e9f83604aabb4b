-- name: webhooks.list_tenant_ids :many
-- The tenants that something may have to be sent for; another role than the owner sees its own only.
-- not null: id
SELECT t.id
FROM webhooks.tenant_ids() AS t (id)
ORDER BY t.id;
