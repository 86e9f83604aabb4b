-- name: models.forget_runs :one
-- Deletes model runs that are older than what is kept, the oldest first, and tells how many; a dry run only counts.
-- The owner alone may delete. Index: model_runs_created.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: keep      interval = '365 days'
-- param: limit     int NULL = NULL
-- param: dry_run   boolean  = true
-- not null: rows
WITH old AS (
    SELECT r.id
    FROM models.model_runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.created_at < now() - :keep::interval
    ORDER BY r.created_at, r.id
    LIMIT :limit::int
)

SELECT CASE WHEN :dry_run THEN count(*) ELSE models.forget_runs(:tenant_id, array_agg(old.id)) END AS rows
FROM old;
