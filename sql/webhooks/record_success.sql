-- name: webhooks.record_success :rowcount
-- A delivery that the endpoint took. Its lease may have run out, but nobody else has it. An endpoint that failed before
-- is locked first, as wherever deliveries to it begin to wait, and fails no more.
-- scan: webhooks.endpoints: a tenant has a few
-- param: tenant_id       uuid = '00000000-0000-7000-8000-000000000001'
-- param: id              uuid = '00000000-0000-7000-8000-000000000092'
-- param: endpoint_id     uuid = '00000000-0000-7000-8000-000000000091'
-- param: lease_id        uuid = '00000000-0000-7000-8000-000000000009'
-- param: response_status int  = 200
-- param: duration_ms     int  = 20
WITH recovered AS (
    SELECT e.id
    FROM webhooks.endpoints AS e
    WHERE e.tenant_id = :tenant_id
        AND e.id = :endpoint_id
        AND e.failing_since IS NOT NULL
    FOR NO KEY UPDATE
),

delivered AS (
    UPDATE webhooks.deliveries AS d
    SET
        status = 'delivered',
        attempts = d.attempts + 1,
        lease_id = NULL,
        lease_expires_at = NULL,
        response_status = :response_status,
        duration_ms = :duration_ms,
        error = NULL,
        finished_at = now()
    WHERE d.tenant_id = :tenant_id
        AND d.id = :id
        AND d.lease_id = :lease_id
        AND (SELECT count(*) FROM recovered) >= 0
    RETURNING d.endpoint_id
)

UPDATE webhooks.endpoints AS e
SET failing_since = NULL
FROM recovered
INNER JOIN delivered ON delivered.endpoint_id = recovered.id
WHERE e.tenant_id = :tenant_id
    AND e.id = recovered.id;
