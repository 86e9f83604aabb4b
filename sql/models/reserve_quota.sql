-- name: models.reserve_quota :one
-- Counts reads of a kind, today, if the limit of the period has room for all of them; else `day` is NULL. Nothing
-- comes between sum and count: lock_quota ran before in the same transaction. statement_timestamp() is after it had
-- its lock, so that who comes later never counts on an earlier day.
-- scan: models.quota_limits: a tenant has one row at most
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: kind      text   = 'stream'
-- param: count     bigint = 100
-- not null: kind, requested, used, remaining
WITH quota AS (
    SELECT
        l.allowed,
        l.period_days,
        (statement_timestamp() AT TIME ZONE 'UTC')::date AS today
    FROM models.quota_limits AS l
    WHERE l.tenant_id = :tenant_id
),

period AS (
    SELECT coalesce(sum(u.total_reads), 0)::bigint AS used
    FROM models.quota_usage AS u
    WHERE u.tenant_id = :tenant_id
        AND u.day > (SELECT quota.today - quota.period_days FROM quota)
        AND u.day <= (SELECT quota.today FROM quota)
),

counted AS (
    INSERT INTO models.quota_usage AS u (
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
        :tenant_id,
        quota.today,
        CASE WHEN :kind = 'stream' THEN :count ELSE 0 END,
        CASE WHEN :kind = 'search' THEN :count ELSE 0 END,
        CASE WHEN :kind = 'thread_lookups' THEN :count ELSE 0 END,
        CASE WHEN :kind = 'stream' THEN :count ELSE 0 END,
        CASE WHEN :kind = 'search' THEN :count ELSE 0 END,
        CASE WHEN :kind = 'thread_lookups' THEN :count ELSE 0 END
    FROM quota
    CROSS JOIN period
    WHERE :count <= quota.allowed - period.used
    ON CONFLICT (tenant_id, day) DO UPDATE
        SET
            stream_reads = u.stream_reads + excluded.stream_reads,
            search_reads = u.search_reads + excluded.search_reads,
            thread_lookups = u.thread_lookups + excluded.thread_lookups,
            stream_reserved = u.stream_reserved + excluded.stream_reserved,
            search_reserved = u.search_reserved + excluded.search_reserved,
            thread_reserved = u.thread_reserved + excluded.thread_reserved
    RETURNING u.day
)

SELECT
    :kind AS kind,
    :count AS requested,
    counted.day,
    quota.allowed,
    period.used + CASE WHEN counted.day IS NULL THEN 0 ELSE :count END AS used,
    greatest(
        quota.allowed - period.used - CASE WHEN counted.day IS NULL THEN 0 ELSE :count END, 0
    ) AS remaining
FROM quota
CROSS JOIN period
LEFT OUTER JOIN counted ON true;
