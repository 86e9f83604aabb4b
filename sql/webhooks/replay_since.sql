-- name: webhooks.replay_since :one
-- Has the events of a time sent anew to a webhook endpoint: its deliveries of them that ended begin again, and those
-- that it lacks are made; none if `room` deliveries wait or are pending already. Reads `limit` events, with all others
-- of the last one's microsecond, so that `next_since` is behind all that it read, and before all that it did not. The
-- endpoint is locked first, as wherever deliveries to it begin to wait. Index: the primary key.
-- scan: operations.epochs: a row per restore or failover
-- param: tenant_id   uuid        = '00000000-0000-7000-8000-000000000001'
-- param: endpoint_id uuid        = '00000000-0000-7000-8000-000000000091'
-- param: since       timestamptz = '2026-01-01T00:00:00Z'
-- param: until       timestamptz = '2026-01-02T00:00:00Z'
-- param: room        int         = 5000
-- param: limit       int         = 1000
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

last AS (
    SELECT v.occurred_at + interval '1 microsecond' AS next_since
    FROM operations.events AS v
    WHERE v.tenant_id = :tenant_id
        AND v.id >= operations.first_id(:since)
        AND v.id < operations.first_id(:until)
    ORDER BY v.id
    LIMIT 1 OFFSET :limit - 1
),

stop AS (
    SELECT operations.first_id(coalesce((SELECT last.next_since FROM last), :until)) AS id
),

-- By itself, so that the horizon has no other index read.
found AS MATERIALIZED (
    SELECT
        v.id,
        v.epoch,
        v.xid,
        v.entity,
        v.entity_id,
        operations.event_type(v.entity, v.changes) AS type
    FROM operations.events AS v
    WHERE v.tenant_id = :tenant_id
        AND v.id >= operations.first_id(:since)
        AND v.id < (SELECT stop.id FROM stop)
        AND (SELECT endpoint.has_room FROM endpoint)
),

past AS (
    SELECT
        found.id,
        found.epoch,
        found.xid,
        found.entity,
        found.entity_id,
        found.type
    FROM found
    WHERE found.xid < (SELECT endpoint.horizon FROM endpoint)
        OR found.epoch < (SELECT max(present.epoch) FROM operations.epochs AS present)
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
)

SELECT
    endpoint.has_room,
    (SELECT count(*) FROM past) AS read,
    (SELECT count(*) FROM queued) AS queued,
    (SELECT last.next_since FROM last) AS next_since
FROM endpoint;
