-- name: webhooks.list_deliveries :page
-- Deliveries to a webhook endpoint, those of the newest events first.
-- Index: deliveries_event_key.
-- row: webhook_delivery, the original
-- param: tenant_id      uuid = '00000000-0000-7000-8000-000000000001'
-- param: endpoint_id    uuid = '00000000-0000-7000-8000-000000000091'
-- param: after_event_id uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit          int  = 30
SELECT
    d.id,
    d.endpoint_id,
    d.event_id,
    d.type,
    d.entity,
    d.entity_id,
    d.status,
    d.attempts,
    d.next_attempt_at,
    d.response_status,
    d.duration_ms,
    d.error,
    d.finished_at,
    d.created_at
FROM webhooks.deliveries AS d
WHERE d.tenant_id = :tenant_id
    AND d.endpoint_id = :endpoint_id
    AND d.event_id < :after_event_id
ORDER BY d.event_id DESC
LIMIT :limit + 1;
