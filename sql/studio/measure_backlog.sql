-- name: studio.measure_backlog :many
-- What waits in a tenant, counted up to a maximum, and since when the oldest does: posts that are due, that a worker
-- has, whose leases ran out, whose outcome is unknown, so that a person has to look.
-- Indexes: social_posts_due, social_posts_leased, social_posts_status.
-- scan: studio.social_posts: only what waits, by a partial index, up to the maximum
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: most      int  = 10000
-- not null: kind, state, total
WITH due AS (
    SELECT p.scheduled_for
    FROM studio.social_posts AS p
    WHERE p.tenant_id = :tenant_id
        AND p.status = 'scheduled'
        AND p.scheduled_for <= now()
    ORDER BY p.scheduled_for, p.id
    LIMIT :most
),

leased AS (
    SELECT p.lease_expires_at
    FROM studio.social_posts AS p
    WHERE p.tenant_id = :tenant_id
        AND p.status = 'claimed'
    ORDER BY p.lease_expires_at
    LIMIT :most
),

unknown AS (
    SELECT p.id
    FROM studio.social_posts AS p
    WHERE p.tenant_id = :tenant_id
        AND p.status = 'unknown'
    ORDER BY p.id
    LIMIT :most
)

SELECT
    'posts' AS kind,
    'due' AS state,
    count(*) AS total,
    min(due.scheduled_for) AS oldest_at
FROM due
UNION ALL
SELECT
    'posts' AS kind,
    'claimed' AS state,
    count(*) AS total,
    NULL::timestamptz AS oldest_at
FROM leased
UNION ALL
SELECT
    'posts' AS kind,
    'expired' AS state,
    count(*) AS total,
    min(leased.lease_expires_at) AS oldest_at
FROM leased
WHERE leased.lease_expires_at <= now()
UNION ALL
SELECT
    'posts' AS kind,
    'unknown' AS state,
    count(*) AS total,
    NULL::timestamptz AS oldest_at
FROM unknown;
