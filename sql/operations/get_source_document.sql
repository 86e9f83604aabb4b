-- name: operations.get_source_document :one
-- One source document.
-- row: source_document
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-00000000000d'
SELECT
    s.id,
    s.source_url,
    s.title,
    s.hash,
    s.indexed_at,
    s.next_refresh_at,
    s.metadata,
    s.created_at,
    s.updated_at,
    s.revision
FROM operations.source_documents AS s
WHERE s.tenant_id = :tenant_id
    AND s.id = :id;
