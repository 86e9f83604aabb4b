-- name: webhooks.get_endpoint :one
-- A webhook endpoint; never its secrets.
-- row: webhook_endpoint
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000091'
SELECT
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
    e.revision
FROM webhooks.endpoints AS e
WHERE e.tenant_id = :tenant_id
    AND e.id = :id;
