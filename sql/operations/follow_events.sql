-- name: operations.follow_events :many
-- What comes next in the event log of a tenant, in order, for who follows it: each event with the type by which a
-- client listens for it. A tweet's new status names the draft that the same transaction made or changed, if it is one.
-- Only below the oldest transaction that is still running, so that nothing appears later before what was read.
-- Index: events_order.
-- scan: operations.epochs: a row per restore or failover
-- row: event, and more
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_epoch int  = 0
-- param: after_xid   xid8 = '0'
-- param: after_id    uuid = '00000000-0000-0000-0000-000000000000'
-- param: limit       int  = 30
-- not null: id, epoch, xid, occurred_at, entity, entity_id, action, changes, actor, type
WITH upcoming AS (
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
        e.ip,
        operations.event_type(e.entity, e.changes) AS type
    FROM operations.events AS e
    WHERE e.tenant_id = :tenant_id
        AND (e.epoch, e.xid, e.id) > (:after_epoch, :after_xid, :after_id)
        AND (
            e.xid < pg_snapshot_xmin(pg_current_snapshot())
            OR e.epoch < (SELECT max(present.epoch) FROM operations.epochs AS present)
        )
    ORDER BY e.epoch, e.xid, e.id
    LIMIT :limit
)

SELECT
    u.id,
    u.epoch,
    u.xid,
    u.occurred_at,
    u.entity,
    u.entity_id,
    u.revision,
    u.action,
    u.changes,
    u.actor,
    u.key_id,
    u.role,
    u.request_id,
    u.ip,
    u.type,
    CASE u.type
        WHEN 'tweet_status' THEN u.entity_id
        WHEN 'draft_ready' THEN (u.changes #>> '{tweet_id,1}')::uuid
    END AS tweet_id,
    CASE u.type WHEN 'tweet_status' THEN u.changes #>> '{status,1}' END AS new_status,
    CASE u.type WHEN 'draft_ready' THEN u.entity_id ELSE draft.id END AS draft_id
FROM upcoming AS u
LEFT OUTER JOIN LATERAL (
    SELECT (array_agg(d.entity_id))[1] AS id
    FROM operations.events AS d
    WHERE d.tenant_id = :tenant_id
        AND d.epoch = u.epoch
        AND d.xid = u.xid
        AND d.entity = 'drafts.drafts'
        AND d.changes #>> '{status,1}' <> 'superseded'
        AND u.type = 'tweet_status'
    HAVING count(DISTINCT d.entity_id) = 1
) AS draft ON true
ORDER BY u.epoch, u.xid, u.id;
