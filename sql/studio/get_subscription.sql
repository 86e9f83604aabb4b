-- name: studio.get_subscription :one
-- What the tenant pays for, and how much of it is left now. One without a row has what the columns' defaults say. The
-- aggregates are over one row or none.
-- scan: studio.subscriptions: a tenant has one row at most
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- not null: tier, status, allowed, used, remaining
SELECT
    coalesce(max(s.tier), 'FREE') AS tier,
    coalesce(max(s.subscription_status), 'active') AS status,
    coalesce(max(s.allowed), 10) AS allowed,
    coalesce(max(s.used) FILTER (WHERE s.resets_at > now()), 0) AS used,
    greatest(
        coalesce(max(s.allowed), 10) - coalesce(max(s.used) FILTER (WHERE s.resets_at > now()), 0), 0
    ) AS remaining,
    max(s.resets_at) FILTER (WHERE s.resets_at > now()) AS resets_at
FROM studio.subscriptions AS s
WHERE s.tenant_id = :tenant_id;
