-- name: webhooks.rescue_deliveries :rowcount
-- Leases that ran out: the processes are gone, and whether they had sent it nobody knows, so it is sent again, after
-- the delay of a failed attempt, as a delivery may be what ends its process; or it is dead after the last one.
-- 100 at a time, so that no look takes long over it; others skip the locked rows. Index: deliveries_leased.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: delays    float8[] = '{5,300,1800}'
WITH lost AS (
    SELECT
        d.id,
        d.attempts >= cardinality(:delays::float8 []) AS is_dead,
        now() AS lost_at,
        now() + coalesce((:delays::float8 [])[d.attempts + 1], 0) * interval '1 second' AS next_attempt_at
    FROM webhooks.deliveries AS d
    WHERE d.tenant_id = :tenant_id
        AND d.status = 'delivering'
        AND d.lease_expires_at <= now()
    ORDER BY d.lease_expires_at
    LIMIT 100
    FOR NO KEY UPDATE SKIP LOCKED
)

UPDATE webhooks.deliveries AS d
SET
    status = CASE WHEN lost.is_dead THEN 'dead' ELSE 'pending' END,
    attempts = d.attempts + 1,
    next_attempt_at = lost.next_attempt_at,
    lease_id = NULL,
    lease_expires_at = NULL,
    error = 'the process that sent it is gone, and nobody knows the outcome',
    finished_at = CASE WHEN lost.is_dead THEN lost.lost_at END
FROM lost
WHERE d.tenant_id = :tenant_id
    AND d.id = lost.id;
