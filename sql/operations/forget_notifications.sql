-- name: operations.forget_notifications :one
-- Deletes notifications that are older than what is kept, the oldest first, with who has read them, and tells how many;
-- a dry run only counts. Index: the primary key.
-- scan: operations.notifications: it begins with the oldest, and stops at the limit
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: keep      interval = '90 days'
-- param: limit     int NULL = NULL
-- param: dry_run   boolean  = true
-- not null: rows
WITH old AS (
    SELECT n.id
    FROM operations.notifications AS n
    WHERE n.tenant_id = :tenant_id
        AND n.created_at < now() - :keep::interval
    ORDER BY n.id
    LIMIT :limit::int
),

forgotten AS (
    DELETE FROM operations.notifications AS n
    WHERE n.tenant_id = :tenant_id
        AND n.id = any(array(SELECT old.id FROM old))
        AND NOT :dry_run
    RETURNING n.id
)

SELECT CASE WHEN :dry_run THEN (SELECT count(*) FROM old) ELSE count(*) END AS rows
FROM forgotten;
