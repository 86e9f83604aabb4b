-- name: operations.refresh_source_document :maybe
-- A document was indexed again. No row when it was so later than that already; with a revision, only the document that
-- has it.
-- row: source_document
-- param: tenant_id       uuid             = '00000000-0000-7000-8000-000000000001'
-- param: id              uuid             = '00000000-0000-7000-8000-00000000000d'
-- param: hash            text NULL        = '3a7b'
-- param: indexed_at      timestamptz      = '2026-01-01T00:00:00Z'
-- param: next_refresh_at timestamptz NULL = NULL
-- param: revision        bigint NULL      = NULL
UPDATE operations.source_documents AS s
SET
    hash = :hash,
    indexed_at = :indexed_at,
    next_refresh_at = :next_refresh_at
WHERE s.tenant_id = :tenant_id
    AND s.id = :id
    AND s.indexed_at <= :indexed_at
    AND (:revision::bigint IS NULL OR s.revision = :revision)
RETURNING
    s.id,
    s.source_url,
    s.title,
    s.hash,
    s.indexed_at,
    s.next_refresh_at,
    s.metadata,
    s.created_at,
    s.updated_at,
    s.revision;
