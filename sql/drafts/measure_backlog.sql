-- name: drafts.measure_backlog :many
-- What waits in a tenant, counted up to a maximum, and since when the oldest does: replies that are due, that a worker
-- has, whose leases ran out, that are held or whose outcome is unknown, so that a person has to look.
-- Indexes: scheduled_replies_due, scheduled_replies_leased, scheduled_replies_status.
-- scan: drafts.scheduled_replies: only what waits, by a partial index, up to the maximum
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: most      int  = 10000
-- not null: kind, state, total
WITH due AS (
    SELECT r.scheduled_for
    FROM drafts.scheduled_replies AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'scheduled'
        AND r.scheduled_for <= now()
    ORDER BY r.scheduled_for, r.id
    LIMIT :most
),

leased AS (
    SELECT r.lease_expires_at
    FROM drafts.scheduled_replies AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'claimed'
    ORDER BY r.lease_expires_at
    LIMIT :most
),

held AS (
    SELECT r.id
    FROM drafts.scheduled_replies AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'held'
    ORDER BY r.id
    LIMIT :most
),

unknown AS (
    SELECT r.id
    FROM drafts.scheduled_replies AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'unknown'
    ORDER BY r.id
    LIMIT :most
)

SELECT
    'replies' AS kind,
    'due' AS state,
    count(*) AS total,
    min(due.scheduled_for) AS oldest_at
FROM due
UNION ALL
SELECT
    'replies' AS kind,
    'claimed' AS state,
    count(*) AS total,
    NULL::timestamptz AS oldest_at
FROM leased
UNION ALL
SELECT
    'replies' AS kind,
    'expired' AS state,
    count(*) AS total,
    min(leased.lease_expires_at) AS oldest_at
FROM leased
WHERE leased.lease_expires_at <= now()
UNION ALL
SELECT
    'replies' AS kind,
    'held' AS state,
    count(*) AS total,
    NULL::timestamptz AS oldest_at
FROM held
UNION ALL
SELECT
    'replies' AS kind,
    'unknown' AS state,
    count(*) AS total,
    NULL::timestamptz AS oldest_at
FROM unknown;
