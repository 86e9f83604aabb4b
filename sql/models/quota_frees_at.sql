-- name: models.quota_frees_at :maybe
-- In how many seconds old days will have left the period, so that these reads fit if none are counted before;
-- no row if they never do, being more than the limit.
-- scan: models.quota_limits: a tenant has one row at most
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: count     bigint = 100
-- not null: seconds
WITH quota AS (
    SELECT
        l.allowed,
        l.period_days,
        (statement_timestamp() AT TIME ZONE 'UTC') AS utc
    FROM models.quota_limits AS l
    WHERE l.tenant_id = :tenant_id
),

period AS (
    SELECT
        u.day,
        -- What stays when this day and those before it are gone.
        sum(u.total_reads) OVER (ORDER BY u.day DESC) - u.total_reads AS left_over
    FROM models.quota_usage AS u
    WHERE u.tenant_id = :tenant_id
        AND u.day > (SELECT quota.utc::date - quota.period_days FROM quota)
        AND u.day <= (SELECT quota.utc::date FROM quota)
)

SELECT ceil(extract(EPOCH FROM period.day + quota.period_days - quota.utc))::bigint AS seconds
FROM period
CROSS JOIN quota
WHERE period.left_over + :count <= quota.allowed
ORDER BY period.day ASC
LIMIT 1;
