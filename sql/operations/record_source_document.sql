-- name: operations.record_source_document :one
-- What the vector store has indexed, as of now: a new document, or a known one indexed again.
-- Index: source_documents_source_url_key.
-- row: source_document
-- param: tenant_id       uuid             = '00000000-0000-7000-8000-000000000001'
-- param: source_url      text             = 'https://example.com/faq'
-- param: title           text NULL        = 'FAQ'
-- param: hash            text NULL        = '3a7b'
-- param: indexed_at      timestamptz      = '2026-01-01T00:00:00Z'
-- param: next_refresh_at timestamptz NULL = NULL
-- param: metadata        jsonb            = '{}'
INSERT INTO operations.source_documents AS s (
    tenant_id, source_url, title, hash, indexed_at, next_refresh_at, metadata
)
VALUES (:tenant_id, :source_url, :title, :hash, :indexed_at, :next_refresh_at, :metadata)
ON CONFLICT (tenant_id, source_url) DO UPDATE
    SET
        title = excluded.title,
        hash = excluded.hash,
        indexed_at = excluded.indexed_at,
        next_refresh_at = excluded.next_refresh_at,
        metadata = excluded.metadata
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
