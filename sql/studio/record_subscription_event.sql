-- name: studio.record_subscription_event :maybe
-- An event of the billing provider, once: no row if it is known. A trigger gives it to the subscription.
-- param: tenant_id   uuid        = '00000000-0000-7000-8000-000000000001'
-- param: event_id    text        = 'evt_1'
-- param: occurred_at timestamptz = '2026-01-01T00:00:00Z'
-- param: tier        text        = 'PRO'
-- param: status      text        = 'active'
INSERT INTO studio.subscription_events (tenant_id, event_id, occurred_at, tier, subscription_status)
VALUES (:tenant_id, :event_id, :occurred_at, :tier, :status)
ON CONFLICT (tenant_id, event_id) DO NOTHING
RETURNING id;
