-- name: webhooks.list_endpoints :page
-- Webhook endpoints of a tenant, newest first; never their secrets.
-- Index: the primary key.
-- row: webhook_endpoint, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
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
    AND e.id < :after_id
ORDER BY e.id DESC
LIMIT :limit + 1;
