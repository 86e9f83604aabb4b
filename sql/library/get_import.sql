-- name: library.get_import :one
-- An import.
-- row: import, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000051'
SELECT
    i.id,
    i.created_by_id,
    i.status,
    i.lines,
    i.done,
    i.skipped,
    i.failed,
    i.failures,
    i.finished_at,
    i.created_at,
    i.updated_at,
    i.revision
FROM library.imports AS i
WHERE i.tenant_id = :tenant_id
    AND i.id = :id;
