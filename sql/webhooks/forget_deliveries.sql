-- name: webhooks.forget_deliveries :one
-- Deletes deliveries that ended and were made longer ago than what is kept, the oldest first, and tells how many; a dry
-- run only counts. The owner alone may delete. Index: the primary key.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: keep      interval = '30 days'
-- param: limit     int NULL = NULL
-- param: dry_run   boolean  = true
-- not null: rows
WITH old AS (
    SELECT d.id
    FROM webhooks.deliveries AS d
    WHERE d.tenant_id = :tenant_id
        AND d.id < operations.first_id(now() - :keep::interval)
        AND d.status IN ('delivered', 'dead')
    ORDER BY d.id
    LIMIT :limit::int
)

SELECT CASE WHEN :dry_run THEN count(*) ELSE webhooks.forget_deliveries(:tenant_id, array_agg(old.id)) END AS rows
FROM old;
