-- name: operations.sum_api_usage :many
-- How often and how fast the API answered the tenant from one moment to before another: by hour or day of UTC, the
-- latest first, or by caller, endpoint or status, the most requests first; a thousand sums at most. A percentile is
-- the bound of the times that has it, or the maximum. Index: the partitions' primary keys.
-- replica: the sums of a moment ago will do
-- param: tenant_id uuid         = '00000000-0000-7000-8000-000000000001'
-- param: by        text         = 'day'
-- param: since     timestamptz  = '2000-01-01T00:00:00Z'
-- param: until     timestamptz  = '2100-01-01T00:00:00Z'
-- param: caller    text    NULL = NULL
-- param: method    text    NULL = NULL
-- param: route     text    NULL = NULL
-- param: status    int     NULL = NULL
-- not null: key, requests, mean_ms, p50_ms, p95_ms, max_ms
WITH used AS (
    SELECT
        CASE :by
            WHEN 'hour' THEN to_json(u.hour) #>> '{}'
            WHEN 'day' THEN to_char(u.hour AT TIME ZONE 'UTC', 'YYYY-MM-DD')
            WHEN 'caller' THEN u.caller
            WHEN 'endpoint' THEN u.method || ' ' || u.route
            WHEN 'status' THEN u.status::text
        END AS key,
        sum(u.requests) AS requests,
        sum(u.total_ms) AS total_ms,
        max(u.max_ms) AS max_ms,
        sum(u.within_2_ms) AS within_2_ms,
        sum(u.within_5_ms) AS within_5_ms,
        sum(u.within_10_ms) AS within_10_ms,
        sum(u.within_25_ms) AS within_25_ms,
        sum(u.within_50_ms) AS within_50_ms,
        sum(u.within_100_ms) AS within_100_ms,
        sum(u.within_250_ms) AS within_250_ms,
        sum(u.within_1_s) AS within_1_s,
        sum(u.within_5_s) AS within_5_s
    FROM operations.api_usage AS u
    WHERE u.tenant_id = :tenant_id
        AND u.hour >= :since
        AND u.hour < :until
        AND (:caller::text IS NULL OR u.caller = :caller)
        AND (:method::text IS NULL OR u.method = :method)
        AND (:route::text IS NULL OR u.route = :route)
        AND (:status::integer IS NULL OR u.status = :status)
    GROUP BY key
)

SELECT
    used.key,
    used.requests,
    round((used.total_ms / used.requests)::numeric, 1) AS mean_ms,
    round(least(latency.p50_ms, used.max_ms::numeric), 1) AS p50_ms,
    round(least(latency.p95_ms, used.max_ms::numeric), 1) AS p95_ms,
    round(used.max_ms::numeric, 1) AS max_ms
FROM used
CROSS JOIN
    LATERAL (
        SELECT
            min(within.ms) FILTER (WHERE within.requests >= used.requests * 0.5) AS p50_ms,
            min(within.ms) FILTER (WHERE within.requests >= used.requests * 0.95) AS p95_ms
        FROM (
            VALUES
            (2, used.within_2_ms),
            (5, used.within_5_ms),
            (10, used.within_10_ms),
            (25, used.within_25_ms),
            (50, used.within_50_ms),
            (100, used.within_100_ms),
            (250, used.within_250_ms),
            (1000, used.within_1_s),
            (5000, used.within_5_s)
        ) AS within (ms, requests)
    ) AS latency
ORDER BY
    CASE WHEN :by IN ('hour', 'day') THEN used.key END DESC,
    used.requests DESC,
    used.key ASC
LIMIT 1000;
