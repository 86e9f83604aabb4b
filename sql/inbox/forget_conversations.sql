-- name: inbox.forget_conversations :one
-- Deletes conversations that were archived longer ago than what is kept, the oldest first, with all that hangs on them,
-- and tells how many; a dry run only counts. The owner alone may delete. Index: conversations_status.
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: keep      interval = '365 days'
-- param: limit     int NULL = NULL
-- param: dry_run   boolean  = true
-- not null: rows
WITH old AS (
    SELECT c.id
    FROM inbox.conversations AS c
    WHERE c.tenant_id = :tenant_id
        AND c.status = 'archived'
        AND c.updated_at < now() - :keep::interval
    ORDER BY c.id
    LIMIT :limit::int
)

SELECT
    CASE
        WHEN :dry_run THEN count(*)
        ELSE inbox.forget_conversations(:tenant_id, array_agg(old.id))
    END AS rows
FROM old;
