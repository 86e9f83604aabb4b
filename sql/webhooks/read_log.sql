-- name: webhooks.read_log :rowcount
-- Makes the deliveries of what comes next in the event log, in its order, for each enabled endpoint of a tenant, and
-- moves their positions on: both or neither. Only below the oldest transaction that is still running, so that nothing
-- appears later before what was read. An endpoint that another process reads for is skipped, as is one with `room`
-- deliveries that wait or are pending: the log keeps the rest.
-- Index: events_order.
-- scan: operations.epochs: a row per restore or failover
-- scan: webhooks.endpoints: a tenant has 20 at most
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: room      int  = 5000
-- param: limit     int  = 500
WITH reading AS (
    SELECT
        e.id,
        e.types,
        e.entities,
        e.after_epoch,
        e.after_xid,
        e.after_id,
        operations.horizon(e.tenant_id) AS horizon
    FROM webhooks.endpoints AS e
    WHERE e.tenant_id = :tenant_id
        AND e.status = 'enabled'
        AND NOT EXISTS (
            SELECT
            FROM webhooks.deliveries AS d
            WHERE d.tenant_id = :tenant_id
                AND d.endpoint_id = e.id
                AND d.status = 'waiting'
            ORDER BY d.entity_id, d.epoch, d.xid, d.event_id
            LIMIT 1 OFFSET :room
        )
        AND NOT EXISTS (
            SELECT
            FROM webhooks.deliveries AS d
            WHERE d.tenant_id = :tenant_id
                AND d.endpoint_id = e.id
                AND d.status = 'pending'
            ORDER BY d.event_id
            LIMIT 1 OFFSET :room
        )
    ORDER BY e.id
    FOR NO KEY UPDATE SKIP LOCKED
),

upcoming AS (
    SELECT
        r.id AS endpoint_id,
        v.id,
        v.epoch,
        v.xid,
        v.type,
        v.entity,
        v.entity_id,
        v.type = any(r.types) AND (r.entities IS NULL OR v.entity = any(r.entities)) AS is_wanted
    FROM reading AS r
    INNER JOIN LATERAL (
        SELECT
            v.id,
            v.epoch,
            v.xid,
            v.entity,
            v.entity_id,
            operations.event_type(v.entity, v.changes) AS type
        FROM operations.events AS v
        WHERE v.tenant_id = :tenant_id
            AND (v.epoch, v.xid, v.id) > (r.after_epoch, r.after_xid, r.after_id)
            AND (
                v.xid < r.horizon
                OR v.epoch < (SELECT max(present.epoch) FROM operations.epochs AS present)
            )
        ORDER BY v.epoch, v.xid, v.id
        LIMIT :limit
    ) AS v ON true
),

queued AS (
    INSERT INTO webhooks.deliveries AS d (
        tenant_id, endpoint_id, event_id, epoch, xid, type, entity, entity_id
    )
    SELECT
        :tenant_id,
        u.endpoint_id,
        u.id,
        u.epoch,
        u.xid,
        u.type,
        u.entity,
        u.entity_id
    FROM upcoming AS u
    WHERE u.is_wanted
    ORDER BY u.epoch, u.xid, u.id
    ON CONFLICT (tenant_id, endpoint_id, event_id) DO NOTHING
),

latest AS (
    SELECT DISTINCT ON (u.endpoint_id)
        u.endpoint_id,
        u.epoch,
        u.xid,
        u.id
    FROM upcoming AS u
    ORDER BY u.endpoint_id ASC, u.epoch DESC, u.xid DESC, u.id DESC
)

UPDATE webhooks.endpoints AS e
SET (after_epoch, after_xid, after_id) = (
    SELECT
        l.epoch,
        l.xid,
        l.id
    FROM latest AS l
    WHERE l.endpoint_id = e.id
)
WHERE e.tenant_id = :tenant_id
    AND e.id = any(array(SELECT l.endpoint_id FROM latest AS l));
