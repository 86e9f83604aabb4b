-- name: webhooks.redrive_dead :one
-- Has dead deliveries to a webhook endpoint sent anew, those of the oldest events first, and tells how many.
-- The endpoint is locked first, as wherever deliveries to it begin to wait. Index: deliveries_status.
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: endpoint_id uuid = '00000000-0000-7000-8000-000000000091'
-- param: limit       int  = 1000
-- not null: redriven
WITH endpoint AS (
    SELECT e.id
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

SELECT count(*) AS redriven
FROM redriven;
