-- name: pipelines.get_webhook_secrets :maybe
-- The secrets, encrypted, that a report over the webhook may show. Index: webhooks_tenant_key.
-- scan: pipelines.webhooks: a tenant has one row
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
SELECT
    w.id,
    w.secret,
    CASE WHEN w.previous_expires_at > now() THEN w.previous_secret END AS other_secret
FROM pipelines.webhooks AS w
WHERE w.tenant_id = :tenant_id;
