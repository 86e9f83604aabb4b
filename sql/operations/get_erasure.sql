-- name: operations.get_erasure :one
-- One erasure.
-- row: erasure, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-00000000000a'
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
    AND e.id = :id;
