-- name: pipelines.get_webhook :one
-- The tenant's webhook, never its secret. Index: webhooks_tenant_key.
-- scan: pipelines.webhooks: a tenant has one row
-- row: pipeline_webhook, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
SELECT
    w.previous_expires_at,
    w.created_at,
    w.updated_at,
    w.revision
FROM pipelines.webhooks AS w
WHERE w.tenant_id = :tenant_id;
