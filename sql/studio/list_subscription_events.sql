-- name: studio.list_subscription_events :page
-- What was told of the tenant's subscription, the latest to come first. Index: the primary key.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    e.id,
    e.event_id,
    e.occurred_at,
    e.tier,
    e.subscription_status AS status,
    e.created_at
FROM studio.subscription_events AS e
WHERE e.tenant_id = :tenant_id
    AND e.id < :after_id
ORDER BY e.id DESC
LIMIT :limit + 1;
