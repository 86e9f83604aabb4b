-- name: library.create_import :one
-- Begins an import, of which no line is dealt with.
-- row: import
-- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid NULL = NULL
INSERT INTO library.imports AS i (tenant_id, created_by_id)
VALUES (:tenant_id, :user_id)
RETURNING
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
    i.revision;
