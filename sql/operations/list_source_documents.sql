-- name: operations.list_source_documents :page
-- Source documents of a tenant, newest first.
-- Index: the primary key.
-- row: source_document, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
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
    AND s.id < :after_id
ORDER BY s.id DESC
LIMIT :limit + 1;
