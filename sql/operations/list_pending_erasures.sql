-- name: operations.list_pending_erasures :many
-- Erasures that are not done, the oldest first, some of them.
-- Index: erasures_pending.
-- scan: operations.erasures: only those that are to be done, by a partial index
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: limit     int  = 10
SELECT
    e.id,
    e.person,
    e.dry_run
FROM operations.erasures AS e
WHERE e.tenant_id = :tenant_id
    AND e.finished_at IS NULL
ORDER BY e.id
LIMIT :limit;
