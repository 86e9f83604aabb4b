-- name: operations.forget_events :one
-- Deletes events that are older than what is kept, the oldest first, and tells how many; a dry run only counts.
-- The owner alone may delete. Index: the primary key.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: keep      interval = '365 days'
-- param: limit     int NULL = NULL
-- param: dry_run   boolean  = true
-- not null: rows
WITH old AS (
    SELECT e.id
    FROM operations.events AS e
    WHERE e.tenant_id = :tenant_id
        AND e.id < operations.first_id(now() - :keep::interval)
    ORDER BY e.id
    LIMIT :limit::int
)

SELECT CASE WHEN :dry_run THEN count(*) ELSE operations.forget_events(:tenant_id, array_agg(old.id)) END AS rows
FROM old;
