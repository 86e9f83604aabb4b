-- name: studio.matches_subscription_event :one
-- Whether the event that is known by an id said this.
-- param: tenant_id   uuid        = '00000000-0000-7000-8000-000000000001'
-- param: event_id    text        = 'evt_1'
-- param: occurred_at timestamptz = '2026-01-01T00:00:00Z'
-- param: tier        text        = 'PRO'
-- param: status      text        = 'active'
-- not null: matches
SELECT (e.occurred_at, e.tier, e.subscription_status) = (:occurred_at, :tier, :status) AS matches
FROM studio.subscription_events AS e
WHERE e.tenant_id = :tenant_id
    AND e.event_id = :event_id;
