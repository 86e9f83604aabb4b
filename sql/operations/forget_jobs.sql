-- name: operations.forget_jobs :one
-- Deletes jobs that came to this end longer ago than what is kept, the oldest first, and tells how many; a dry run
-- only counts. Index: jobs_status.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: status    text     = 'succeeded'
-- param: keep      interval = '90 days'
-- param: limit     int NULL = NULL
-- param: dry_run   boolean  = true
-- not null: rows
WITH old AS (
    SELECT j.id
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.status = :status
        AND j.created_at < now() - :keep::interval
        AND j.finished_at < now() - :keep::interval
    ORDER BY j.id
    LIMIT :limit::int
),

forgotten AS (
    DELETE FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.id = any(array(SELECT old.id FROM old))
        AND j.status = :status
        AND NOT :dry_run
    RETURNING j.id
)

SELECT CASE WHEN :dry_run THEN (SELECT count(*) FROM old) ELSE count(*) END AS rows
FROM forgotten;
