-- name: pipelines.get_webhook_id :one
-- The id of the tenant's webhook, or one for it if there is none yet: its secret is encrypted for this row.
-- Index: webhooks_tenant_key.
-- single: it reads a value
-- scan: pipelines.webhooks: a tenant has one row
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- not null: id
SELECT
    coalesce(
        (
            SELECT w.id
            FROM pipelines.webhooks AS w
            WHERE w.tenant_id = :tenant_id
        ),
        operations.new_id()
    ) AS id;
