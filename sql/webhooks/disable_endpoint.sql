-- name: webhooks.disable_endpoint :maybe
-- Sends nothing more to a webhook endpoint; no row when it is disabled already.
-- row: webhook_endpoint
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000091'
UPDATE webhooks.endpoints AS e
SET
    status = 'disabled',
    disabled_reason = 'administrator'
WHERE e.tenant_id = :tenant_id
    AND e.id = :id
    AND e.status = 'enabled'
RETURNING
    e.id,
    e.url,
    e.description,
    e.types,
    e.entities,
    e.status,
    e.disabled_reason,
    e.failing_since,
    e.previous_expires_at,
    e.created_at,
    e.updated_at,
    e.revision;
