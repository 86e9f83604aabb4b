-- name: operations.forget_api_usage :one
-- Deletes what was counted of requests longer ago than what is kept, the oldest first and each hour as a whole, and
-- tells how many rows went; a dry run only counts. The owner alone may delete. Index: the partitions' primary keys.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: keep      interval = '90 days'
-- param: limit     int NULL = NULL
-- param: dry_run   boolean  = true
-- not null: rows
WITH old AS (
    SELECT u.hour
    FROM operations.api_usage AS u
    WHERE u.tenant_id = :tenant_id
        -- As a value, lest the plan have other partitions each month.
        AND u.hour < (SELECT now() - :keep::interval)
    ORDER BY u.hour
    LIMIT :limit::int
)

SELECT CASE WHEN :dry_run THEN count(*) ELSE operations.forget_api_usage(:tenant_id, max(old.hour)) END AS rows
FROM old;
