-- name: webhooks.replay_after :one
-- Has the events behind a position of the log sent anew to a webhook endpoint, as webhooks.replay_since does.
-- The endpoint is locked first, as wherever deliveries to it begin to wait. Index: events_order.
-- scan: operations.epochs: a row per restore or failover
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: endpoint_id uuid = '00000000-0000-7000-8000-000000000091'
-- param: after_epoch int  = 0
-- param: after_xid   xid8 = '0'
-- param: after_id    uuid = '00000000-0000-0000-0000-000000000000'
-- param: room        int  = 5000
-- param: limit       int  = 1000
-- not null: has_room, read, queued
WITH endpoint AS (
    SELECT
        e.id,
        e.types,
        e.entities,
        operations.horizon(e.tenant_id) AS horizon,
        NOT EXISTS (
            SELECT
            FROM webhooks.deliveries AS d
            WHERE d.tenant_id = :tenant_id
                AND d.endpoint_id = :endpoint_id
                AND d.status = 'waiting'
            ORDER BY d.entity_id, d.epoch, d.xid, d.event_id
            LIMIT 1 OFFSET :room
        ) AND NOT EXISTS (
            SELECT
            FROM webhooks.deliveries AS d
            WHERE d.tenant_id = :tenant_id
                AND d.endpoint_id = :endpoint_id
                AND d.status = 'pending'
            ORDER BY d.event_id
            LIMIT 1 OFFSET :room
        ) AS has_room
    FROM webhooks.endpoints AS e
    WHERE e.tenant_id = :tenant_id
        AND e.id = :endpoint_id
    FOR NO KEY UPDATE
),

past AS (
    SELECT
        v.id,
        v.epoch,
        v.xid,
        v.occurred_at,
        v.entity,
        v.entity_id,
        operations.event_type(v.entity, v.changes) AS type
    FROM operations.events AS v
    WHERE v.tenant_id = :tenant_id
        AND (v.epoch, v.xid, v.id) > (:after_epoch, :after_xid, :after_id)
        AND (
            v.xid < (SELECT endpoint.horizon FROM endpoint)
            OR v.epoch < (SELECT max(present.epoch) FROM operations.epochs AS present)
        )
        AND (SELECT endpoint.has_room FROM endpoint)
    ORDER BY v.epoch, v.xid, v.id
    LIMIT :limit
),

queued AS (
    INSERT INTO webhooks.deliveries AS d (
        tenant_id, endpoint_id, event_id, epoch, xid, type, entity, entity_id
    )
    SELECT
        :tenant_id,
        endpoint.id AS endpoint_id,
        past.id AS event_id,
        past.epoch,
        past.xid,
        past.type,
        past.entity,
        past.entity_id
    FROM past
    CROSS JOIN endpoint
    WHERE past.type = any(endpoint.types)
        AND (endpoint.entities IS NULL OR past.entity = any(endpoint.entities))
    ON CONFLICT (tenant_id, endpoint_id, event_id) DO UPDATE
        SET
            status = 'waiting',
            attempts = 0,
            next_attempt_at = excluded.next_attempt_at,
            finished_at = NULL
        WHERE d.status IN ('delivered', 'dead')
    RETURNING d.id
),

latest AS (
    SELECT
        p.epoch,
        p.xid,
        p.id
    FROM past AS p
    ORDER BY p.epoch DESC, p.xid DESC, p.id DESC
    LIMIT 1
)

SELECT
    endpoint.has_room,
    (SELECT count(*) FROM past) AS read,
    (SELECT count(*) FROM queued) AS queued,
    (SELECT latest.epoch FROM latest) AS last_epoch,
    (SELECT latest.xid FROM latest) AS last_xid,
    (SELECT latest.id FROM latest) AS last_id
FROM endpoint;
