-- name: webhooks.record_failure :rowcount
-- A delivery that the endpoint did not take: it is due again after `delay`, or dead if this was the last attempt. With
-- the first failure since a success the endpoint begins to fail; it is disabled if it is gone, or has failed for longer
-- than `patience`, and people are told. It is locked first, as wherever deliveries to it begin to wait.
-- scan: webhooks.endpoints: a tenant has a few
-- param: tenant_id       uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id              uuid     = '00000000-0000-7000-8000-000000000092'
-- param: endpoint_id     uuid     = '00000000-0000-7000-8000-000000000091'
-- param: lease_id        uuid     = '00000000-0000-7000-8000-000000000009'
-- param: response_status int NULL = 500
-- param: duration_ms     int      = 20
-- param: error           text     = 'HTTP 500'
-- param: delay           interval = '5 seconds'
-- param: is_last         boolean  = false
-- param: is_gone         boolean  = false
-- param: patience        interval = '5 days'
WITH outcome AS (
    SELECT CASE WHEN :is_last THEN now() END AS finished_at
),

judged AS (
    SELECT
        e.id,
        coalesce(e.failing_since, now()) AS failing_since,
        CASE
            WHEN :is_gone THEN 'gone'
            WHEN e.failing_since < now() - :patience::interval THEN 'failing'
        END AS reason
    FROM webhooks.endpoints AS e
    WHERE e.tenant_id = :tenant_id
        AND e.id = :endpoint_id
        AND e.status = 'enabled'
        AND (:is_gone OR e.failing_since IS NULL OR e.failing_since < now() - :patience::interval)
    FOR NO KEY UPDATE
),

failed AS (
    UPDATE webhooks.deliveries AS d
    SET
        status = CASE WHEN :is_last THEN 'dead' ELSE 'pending' END,
        attempts = d.attempts + 1,
        next_attempt_at = now() + :delay,
        lease_id = NULL,
        lease_expires_at = NULL,
        response_status = :response_status,
        duration_ms = :duration_ms,
        error = :error,
        finished_at = outcome.finished_at
    FROM outcome
    WHERE d.tenant_id = :tenant_id
        AND d.id = :id
        AND d.lease_id = :lease_id
        AND (SELECT count(*) FROM judged) >= 0
    RETURNING d.endpoint_id
),

changed AS (
    UPDATE webhooks.endpoints AS e
    SET
        failing_since = judged.failing_since,
        status = CASE WHEN judged.reason IS NULL THEN e.status ELSE 'disabled' END,
        disabled_reason = judged.reason
    FROM judged
    INNER JOIN failed ON failed.endpoint_id = judged.id
    WHERE e.tenant_id = :tenant_id
        AND e.id = judged.id
    RETURNING
        e.id,
        e.disabled_reason
)

INSERT INTO operations.notifications (tenant_id, type, payload)
SELECT
    :tenant_id,
    'webhook_disabled',
    jsonb_build_object('endpoint_id', changed.id, 'reason', changed.disabled_reason)
FROM changed
WHERE changed.disabled_reason IS NOT NULL
ON CONFLICT DO NOTHING;
