-- name: pipelines.remove_webhook :one
-- Takes the tenant's webhook away: nobody reports over it any more.
-- scan: pipelines.webhooks: a tenant has one row
-- row: pipeline_webhook
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
DELETE FROM pipelines.webhooks AS w
WHERE w.tenant_id = :tenant_id
RETURNING
    w.previous_expires_at,
    w.created_at,
    w.updated_at,
    w.revision;
