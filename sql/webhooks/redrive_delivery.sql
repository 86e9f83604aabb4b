-- name: webhooks.redrive_delivery :maybe
-- Has a delivery that ended sent anew, or one that is pending sent now, which leaves its attempts; no row when there is
-- no such delivery, it waits for an earlier one, or it is under way. The endpoint is locked first, as wherever
-- deliveries to it begin to wait.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000092'
WITH endpoint AS (
    SELECT e.id
    FROM webhooks.endpoints AS e
    WHERE e.tenant_id = :tenant_id
        AND e.id = (
            SELECT d.endpoint_id
            FROM webhooks.deliveries AS d
            WHERE d.tenant_id = :tenant_id
                AND d.id = :id
        )
    FOR NO KEY UPDATE
)

UPDATE webhooks.deliveries AS d
SET
    status = CASE WHEN d.status = 'pending' THEN d.status ELSE 'waiting' END,
    attempts = CASE WHEN d.status = 'pending' THEN d.attempts ELSE 0 END,
    next_attempt_at = now(),
    finished_at = NULL
FROM endpoint
WHERE d.tenant_id = :tenant_id
    AND d.id = :id
    AND d.endpoint_id = endpoint.id
    AND d.status IN ('pending', 'delivered', 'dead')
RETURNING d.id;
