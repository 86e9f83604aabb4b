-- name: webhooks.redrive_dead :one
-- Has dead deliveries to a webhook endpoint sent anew, those of the oldest events first, and tells how many.
-- None if `room` deliveries wait or are pending already. The endpoint is locked first, as wherever deliveries to it
-- begin to wait. Index: deliveries_status.
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: endpoint_id uuid = '00000000-0000-7000-8000-000000000091'
-- param: room        int  = 5000
-- param: limit       int  = 1000
-- not null: has_room, redriven
WITH endpoint AS (
    SELECT
        e.id,
        NOT EXISTS (
            SELECT
            FROM webhooks.deliveries AS d
            WHERE d.tenant_id = :tenant_id
                AND d.endpoint_id = :endpoint_id
                AND d.status = 'waiting'
            ORDER BY d.entity_id, d.epoch, d.xid, d.event_id
            LIMIT 1 OFFSET :room
        ) AND NOT EXISTS (
            SELECT
            FROM webhooks.deliveries AS d
            WHERE d.tenant_id = :tenant_id
                AND d.endpoint_id = :endpoint_id
                AND d.status = 'pending'
            ORDER BY d.event_id
            LIMIT 1 OFFSET :room
        ) AS has_room
    FROM webhooks.endpoints AS e
    WHERE e.tenant_id = :tenant_id
        AND e.id = :endpoint_id
    FOR NO KEY UPDATE
),

dead AS (
    SELECT d.id
    FROM endpoint
    INNER JOIN webhooks.deliveries AS d
        ON d.tenant_id = :tenant_id
        AND d.endpoint_id = endpoint.id
    WHERE d.endpoint_id = :endpoint_id
        AND d.status = 'dead'
        AND endpoint.has_room
    ORDER BY d.event_id
    LIMIT :limit
),

redriven AS (
    UPDATE webhooks.deliveries AS d
    SET
        status = 'waiting',
        attempts = 0,
        next_attempt_at = now(),
        finished_at = NULL
    WHERE d.tenant_id = :tenant_id
        AND d.id = any(array(SELECT dead.id FROM dead))
        AND d.status = 'dead'
    RETURNING d.id
)

SELECT
    endpoint.has_room,
    (SELECT count(*) FROM redriven) AS redriven
FROM endpoint;
