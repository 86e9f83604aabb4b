-- name: operations.list_events_of_entity :page
-- The events of one entity, in order.
-- Only below the oldest transaction that is still running, so that nothing appears later before what was read.
-- Index: events_of_row.
-- scan: operations.epochs: a row per restore or failover
-- row: event
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: entity      text = 'drafts.drafts'
-- param: entity_id   uuid = '00000000-0000-7000-8000-000000000007'
-- param: after_epoch int  = 0
-- param: after_xid   xid8 = '0'
-- param: after_id    uuid = '00000000-0000-0000-0000-000000000000'
-- param: limit       int  = 30
SELECT
    e.id,
    e.epoch,
    e.xid,
    e.occurred_at,
    e.entity,
    e.entity_id,
    e.revision,
    e.action,
    e.changes,
    e.actor,
    e.key_id,
    e.role,
    e.request_id,
    e.ip
FROM operations.events AS e
WHERE e.tenant_id = :tenant_id
    AND e.entity = :entity
    AND e.entity_id = :entity_id
    AND (e.epoch, e.xid, e.id) > (:after_epoch, :after_xid, :after_id)
    AND (
        e.xid < pg_snapshot_xmin(pg_current_snapshot())
        OR e.epoch < (SELECT max(present.epoch) FROM operations.epochs AS present)
    )
ORDER BY e.epoch, e.xid, e.id
LIMIT :limit + 1;
