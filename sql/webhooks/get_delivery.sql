-- name: webhooks.get_delivery :one
-- A delivery.
-- row: webhook_delivery
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000092'
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
    AND d.id = :id;
