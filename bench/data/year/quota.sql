-- A year of quota, after desk.sql and in its transaction: each tenant reserved once, and so has a row with its limit;
-- one of seven has set it. 50 tenants read, most of them not on every day. The sample day of the release is among those
-- of the large tenant.

INSERT INTO models.quota_limits (
    tenant_id, id, period_days, allowed, created_at, updated_at, revision
)
SELECT
    t.id,
    pg_temp.id('quota of ' || t.n, t.created_at),
    CASE WHEN t.n % 7 = 0 THEN 7 ELSE 30 END,
    CASE WHEN t.n % 7 = 0 THEN 2000 * t.n ELSE 10000 END,
    t.created_at,
    t.created_at,
    CASE WHEN t.n % 7 = 0 THEN 2 ELSE 1 END
FROM tenant AS t
ORDER BY t.n;

INSERT INTO models.quota_usage (
    tenant_id,
    day,
    stream_reads,
    search_reads,
    thread_lookups,
    stream_reserved,
    search_reserved,
    thread_reserved
)
SELECT
    t.id,
    day.day,
    day.reads,
    day.reads / 3,
    day.reads / 10,
    day.reads / 2,
    day.reads / 3,
    0
FROM tenant AS t
CROSS JOIN LATERAL (
    SELECT
        date '2025-01-01' + d AS day,
        (400 * pg_temp.chance(format('reads %s of %s', d, t.n)))::bigint AS reads
    FROM generate_series(0, 364) AS d
) AS day
WHERE t.n <= 50
    AND (t.n = 1 OR pg_temp.chance(format('day %s of %s', day.day, t.n)) < 0.8)
ORDER BY day.day, t.n;
