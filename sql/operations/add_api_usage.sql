-- name: operations.add_api_usage :rowcount
-- Adds what a process counted of the tenant's requests to what is counted already. Processes that add at once lock
-- the same rows in the same order.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: counts    jsonb = '[]'
INSERT INTO operations.api_usage AS u (
    tenant_id,
    hour,
    caller,
    method,
    route,
    status,
    requests,
    total_ms,
    max_ms,
    within_2_ms,
    within_5_ms,
    within_10_ms,
    within_25_ms,
    within_50_ms,
    within_100_ms,
    within_250_ms,
    within_1_s,
    within_5_s
)
SELECT
    :tenant_id,
    counted.hour,
    counted.caller,
    counted.method,
    counted.route,
    counted.status,
    counted.requests,
    counted.total_ms,
    counted.max_ms,
    counted.within_2_ms,
    counted.within_5_ms,
    counted.within_10_ms,
    counted.within_25_ms,
    counted.within_50_ms,
    counted.within_100_ms,
    counted.within_250_ms,
    counted.within_1_s,
    counted.within_5_s
FROM jsonb_to_recordset(:counts::jsonb)
        AS counted (
            hour timestamptz,
            caller text,
            method text,
            route text,
            status integer,
            requests bigint,
            total_ms double precision,
            max_ms double precision,
            within_2_ms bigint,
            within_5_ms bigint,
            within_10_ms bigint,
            within_25_ms bigint,
            within_50_ms bigint,
            within_100_ms bigint,
            within_250_ms bigint,
            within_1_s bigint,
            within_5_s bigint
        )
ORDER BY counted.hour, counted.caller, counted.method, counted.route, counted.status
ON CONFLICT (tenant_id, hour, caller, method, route, status) DO UPDATE
    SET
        requests = u.requests + excluded.requests,
        total_ms = u.total_ms + excluded.total_ms,
        max_ms = greatest(u.max_ms, excluded.max_ms),
        within_2_ms = u.within_2_ms + excluded.within_2_ms,
        within_5_ms = u.within_5_ms + excluded.within_5_ms,
        within_10_ms = u.within_10_ms + excluded.within_10_ms,
        within_25_ms = u.within_25_ms + excluded.within_25_ms,
        within_50_ms = u.within_50_ms + excluded.within_50_ms,
        within_100_ms = u.within_100_ms + excluded.within_100_ms,
        within_250_ms = u.within_250_ms + excluded.within_250_ms,
        within_1_s = u.within_1_s + excluded.within_1_s,
        within_5_s = u.within_5_s + excluded.within_5_s;
