-- name: webhooks.rescue_deliveries :rowcount
-- Leases that ran out: the processes are gone, and whether they had sent it nobody knows, so it is sent again.
-- Index: deliveries_leased.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
UPDATE webhooks.deliveries AS d
SET
    status = 'pending',
    next_attempt_at = now(),
    lease_id = NULL,
    lease_expires_at = NULL
WHERE d.tenant_id = :tenant_id
    AND d.status = 'delivering'
    AND d.lease_expires_at <= now();
