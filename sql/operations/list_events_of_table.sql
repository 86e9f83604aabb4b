-- name: operations.list_events_of_table :page
-- The events of one table, in order, among the next 10,000 of the log, as far as operations.end_of_walk: an index by
-- table is one that every write would pay for.
-- Only below the oldest transaction that is still running, so that nothing appears later before what was read.
-- Index: events_order.
-- scan: operations.epochs: a row per restore or failover
-- row: event
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: entity      text = 'drafts.drafts'
-- param: after_epoch int  = 0
-- param: after_xid   xid8 = '0'
-- param: after_id    uuid = '00000000-0000-0000-0000-000000000000'
-- param: limit       int  = 30
WITH walked AS (
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
        AND (e.epoch, e.xid, e.id) > (:after_epoch, :after_xid, :after_id)
        AND (
            e.xid < pg_snapshot_xmin(pg_current_snapshot())
            OR e.epoch < (SELECT max(present.epoch) FROM operations.epochs AS present)
        )
    ORDER BY e.epoch, e.xid, e.id
    LIMIT 10000
)

SELECT
    w.id,
    w.epoch,
    w.xid,
    w.occurred_at,
    w.entity,
    w.entity_id,
    w.revision,
    w.action,
    w.changes,
    w.actor,
    w.key_id,
    w.role,
    w.request_id,
    w.ip
FROM walked AS w
WHERE w.entity = :entity
    AND (w.epoch, w.xid, w.id) > (:after_epoch, :after_xid, :after_id)
ORDER BY w.epoch, w.xid, w.id
LIMIT :limit + 1;
