-- name: webhooks.redrive_deliveries :one
-- Has the deliveries to a webhook endpoint that are put off after a failure sent now, which leaves their attempts, and
-- then dead ones sent anew, those of the oldest events first; tells how many. No dead ones if `room` deliveries wait or
-- are pending already: those that are put off take no more room. The endpoint is locked first, as wherever deliveries
-- to it begin to wait. Indexes: deliveries_due, deliveries_status.
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

put_off AS (
    SELECT d.id
    FROM endpoint
    INNER JOIN webhooks.deliveries AS d
        ON d.tenant_id = :tenant_id
        AND d.endpoint_id = endpoint.id
    WHERE d.endpoint_id = :endpoint_id
        AND d.status = 'pending'
        AND d.next_attempt_at > now()
    ORDER BY d.next_attempt_at, d.id
    LIMIT :limit
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
    LIMIT :limit - (SELECT count(*) FROM put_off)
),

chosen AS (
    SELECT put_off.id
    FROM put_off
    UNION ALL
    SELECT dead.id
    FROM dead
),

redriven AS (
    UPDATE webhooks.deliveries AS d
    SET
        status = CASE WHEN d.status = 'dead' THEN 'waiting' ELSE d.status END,
        attempts = CASE WHEN d.status = 'dead' THEN 0 ELSE d.attempts END,
        next_attempt_at = now(),
        finished_at = NULL
    WHERE d.tenant_id = :tenant_id
        AND d.id = any(array(SELECT chosen.id FROM chosen))
        AND d.status IN ('pending', 'dead')
    RETURNING d.id
)

SELECT
    endpoint.has_room,
    (SELECT count(*) FROM redriven) AS redriven
FROM endpoint;
