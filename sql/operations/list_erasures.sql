-- name: operations.list_erasures :page
-- Erasures of a tenant, newest first.
-- Index: the primary key.
-- row: erasure
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    e.id,
    e.person,
    e.dry_run,
    e.counts,
    e.requested_by,
    e.finished_at,
    e.created_at,
    e.updated_at,
    e.revision
FROM operations.erasures AS e
WHERE e.tenant_id = :tenant_id
    AND e.id < :after_id
ORDER BY e.id DESC
LIMIT :limit + 1;
