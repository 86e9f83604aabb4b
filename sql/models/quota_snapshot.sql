-- name: models.quota_snapshot :one
-- How much of the limit is used, and until when it will do. The average is over days, not over rows: all days of the
-- period, or those since the tenant's first use if that is later. The projection lets every coming day use as much,
-- and the old days leave the period: a day on which the limit is reached then is within one period, or never comes.
-- It is compared in whole numbers, times the days of the average. What is counted for days to come is not in it.
-- single: one limit and one average
-- scan: models.quota_limits: a tenant has one row at most
-- scan: models.quota_usage: the first use is the first day of the tenant's, but for days all of which was released
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- not null: period_start, period_end, total_allowed, used, remaining, avg_daily_usage, source_breakdown
-- not null: level, last_sync
WITH limits AS (
    SELECT
        coalesce(max(l.allowed), 10000) AS allowed,
        coalesce(max(l.period_days), 30) AS period_days,
        (now() AT TIME ZONE 'UTC')::date AS today
    FROM models.quota_limits AS l
    WHERE l.tenant_id = :tenant_id
),

quota AS (
    SELECT
        limits.allowed,
        limits.period_days,
        limits.today,
        limits.today - limits.period_days + 1 AS first_day
    FROM limits
),

period AS (
    SELECT
        u.day,
        u.total_reads,
        u.stream_reads,
        u.search_reads,
        u.thread_lookups
    FROM models.quota_usage AS u
    WHERE u.tenant_id = :tenant_id
        AND u.day >= (SELECT quota.first_day FROM quota)
        AND u.day <= (SELECT quota.today FROM quota)
),

first_use AS (
    SELECT u.day
    FROM models.quota_usage AS u
    WHERE u.tenant_id = :tenant_id
        AND u.total_reads > 0
    ORDER BY u.day ASC
    LIMIT 1
),

total AS (
    SELECT
        coalesce(sum(period.total_reads), 0)::bigint AS used,
        coalesce(sum(period.stream_reads), 0)::bigint AS stream,
        coalesce(sum(period.search_reads), 0)::bigint AS search,
        coalesce(sum(period.thread_lookups), 0)::bigint AS thread_lookups
    FROM period
),

average AS (
    SELECT
        quota.today - least(
            greatest((SELECT first_use.day FROM first_use), quota.first_day), quota.today
        ) + 1 AS days
    FROM quota
),

coming AS (
    SELECT
        quota.today + ahead.n AS day,
        total.used - coalesce(sum(period.total_reads) OVER (ORDER BY ahead.n), 0) AS left_over,
        total.used::numeric * ahead.n AS added
    FROM quota
    CROSS JOIN total
    CROSS JOIN generate_series(1, quota.period_days) AS ahead (n)
    LEFT OUTER JOIN period ON period.day = quota.today - quota.period_days + ahead.n
),

exhausted AS (
    SELECT min(coming.day) AS day
    FROM coming
    CROSS JOIN quota
    CROSS JOIN average
    WHERE coming.left_over * average.days + coming.added >= quota.allowed::numeric * average.days
)

SELECT
    quota.first_day AS period_start,
    quota.today + 1 AS period_end,
    quota.allowed AS total_allowed,
    total.used,
    greatest(quota.allowed - total.used, 0) AS remaining,
    round(total.used::numeric / average.days, 2) AS avg_daily_usage,
    CASE
        WHEN total.used >= quota.allowed THEN quota.today
        WHEN total.used > 0 THEN exhausted.day
    END AS projected_exhaust_date,
    json_build_object(
        'stream', total.stream, 'search', total.search, 'thread_lookups', total.thread_lookups
    ) AS source_breakdown,
    CASE
        WHEN total.used >= quota.allowed * 0.95 THEN 'danger'
        WHEN total.used >= quota.allowed * 0.80 THEN 'warning'
        ELSE 'ok'
    END AS level,
    now() AS last_sync
FROM quota
CROSS JOIN total
CROSS JOIN average
CROSS JOIN exhausted;
