-- name: webhooks.measure_backlog :many
-- What waits in a tenant, counted up to a maximum for each of its enabled endpoints, and since when the oldest does:
-- deliveries that are due, that are being sent, whose leases ran out, that are dead; events that the endpoint's
-- position in the log has not come to, although readers of the log get them.
-- Indexes: deliveries_due, deliveries_leased, deliveries_status, events_order.
-- scan: operations.epochs: a row per restore or failover
-- scan: webhooks.deliveries: only what waits, by a partial index, up to the maximum
-- scan: webhooks.endpoints: a tenant has 20 at most
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: most      int  = 10000
-- not null: kind, state, total
WITH due AS (
    SELECT d.next_attempt_at
    FROM webhooks.endpoints AS e
    CROSS JOIN
        LATERAL (
            SELECT d.next_attempt_at
            FROM webhooks.deliveries AS d
            WHERE d.tenant_id = :tenant_id
                AND d.endpoint_id = e.id
                AND d.status = 'pending'
                AND d.next_attempt_at <= now()
            ORDER BY d.next_attempt_at, d.id
            LIMIT :most
        ) AS d
    WHERE e.tenant_id = :tenant_id
        AND e.status = 'enabled'
),

leased AS (
    SELECT d.lease_expires_at
    FROM webhooks.deliveries AS d
    WHERE d.tenant_id = :tenant_id
        AND d.status = 'delivering'
    ORDER BY d.lease_expires_at
    LIMIT :most
),

dead AS (
    SELECT d.event_id
    FROM webhooks.endpoints AS e
    CROSS JOIN
        LATERAL (
            SELECT d.event_id
            FROM webhooks.deliveries AS d
            WHERE d.tenant_id = :tenant_id
                AND d.endpoint_id = e.id
                AND d.status = 'dead'
            ORDER BY d.event_id
            LIMIT :most
        ) AS d
    WHERE e.tenant_id = :tenant_id
        AND e.status = 'enabled'
),

unread AS (
    SELECT v.occurred_at
    FROM webhooks.endpoints AS e
    CROSS JOIN
        LATERAL (
            SELECT v.occurred_at
            FROM operations.events AS v
            WHERE v.tenant_id = :tenant_id
                AND (v.epoch, v.xid, v.id) > (e.after_epoch, e.after_xid, e.after_id)
                AND (
                    v.xid < pg_snapshot_xmin(pg_current_snapshot())
                    OR v.epoch < (SELECT max(present.epoch) FROM operations.epochs AS present)
                )
            ORDER BY v.epoch, v.xid, v.id
            LIMIT :most
        ) AS v
    WHERE e.tenant_id = :tenant_id
        AND e.status = 'enabled'
)

SELECT
    'webhooks' AS kind,
    'due' AS state,
    count(*) AS total,
    min(due.next_attempt_at) AS oldest_at
FROM due
UNION ALL
SELECT
    'webhooks' AS kind,
    'delivering' AS state,
    count(*) AS total,
    NULL::timestamptz AS oldest_at
FROM leased
UNION ALL
SELECT
    'webhooks' AS kind,
    'expired' AS state,
    count(*) AS total,
    min(leased.lease_expires_at) AS oldest_at
FROM leased
WHERE leased.lease_expires_at <= now()
UNION ALL
SELECT
    'webhooks' AS kind,
    'dead' AS state,
    count(*) AS total,
    NULL::timestamptz AS oldest_at
FROM dead
UNION ALL
SELECT
    'webhooks' AS kind,
    'unread' AS state,
    count(*) AS total,
    min(unread.occurred_at) AS oldest_at
FROM unread;
