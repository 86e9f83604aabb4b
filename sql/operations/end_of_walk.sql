-- name: operations.end_of_walk :one
-- Where 10,000 events further in the log are: at an event, with more behind it perhaps; or at the log's end, as
-- operations.end_of_events tells it. Index: events_order.
-- scan: operations.epochs: a row per restore or failover
-- single: one of the two parts is empty
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_epoch int  = 0
-- param: after_xid   xid8 = '0'
-- param: after_id    uuid = '00000000-0000-0000-0000-000000000000'
-- not null: epoch, xid, id, more
WITH step AS (
    SELECT
        e.epoch,
        e.xid,
        e.id
    FROM operations.events AS e
    WHERE e.tenant_id = :tenant_id
        AND (e.epoch, e.xid, e.id) > (:after_epoch, :after_xid, :after_id)
        AND (
            e.xid < pg_snapshot_xmin(pg_current_snapshot())
            OR e.epoch < (SELECT max(present.epoch) FROM operations.epochs AS present)
        )
    ORDER BY e.epoch, e.xid, e.id
    LIMIT 1 OFFSET 9999
)

SELECT
    step.epoch,
    step.xid,
    step.id,
    true AS more
FROM step
UNION ALL
SELECT
    (SELECT max(present.epoch) FROM operations.epochs AS present) AS epoch,
    pg_snapshot_xmin(pg_current_snapshot()) AS xid,
    '00000000-0000-0000-0000-000000000000'::uuid AS id,
    false AS more
WHERE NOT EXISTS (SELECT FROM step);
