-- name: operations.list_due_source_documents :page
-- Source documents whose time to be indexed again has come, the longest overdue first.
-- Index: source_documents_due.
-- row: source_document
-- param: tenant_id             uuid        = '00000000-0000-7000-8000-000000000001'
-- param: after_next_refresh_at timestamptz = '-infinity'
-- param: after_id              uuid        = '00000000-0000-0000-0000-000000000000'
-- param: limit                 int         = 30
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
    AND s.next_refresh_at <= now()
    AND (s.next_refresh_at, s.id) > (:after_next_refresh_at, :after_id)
ORDER BY s.next_refresh_at, s.id
LIMIT :limit + 1;
