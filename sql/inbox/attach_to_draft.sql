-- name: inbox.attach_to_draft :one
-- Notes a file of a draft; no row when there is no such draft.
-- row: attachment
-- param: tenant_id  uuid      = '00000000-0000-7000-8000-000000000001'
-- param: draft_id   uuid      = '00000000-0000-7000-8000-000000000006'
-- param: file_name  text      = 'invoice.pdf'
-- param: mime_type  text      = 'application/pdf'
-- param: size_bytes bigint    = 1024
-- param: object_key text      = 'attachments/invoice.pdf'
-- param: url        text NULL = NULL
INSERT INTO inbox.attachments AS a (
    tenant_id, draft_id, file_name, mime_type, size_bytes, object_key, url
)
SELECT
    :tenant_id,
    subject.id,
    :file_name,
    :mime_type,
    :size_bytes,
    :object_key,
    :url
FROM drafts.drafts AS subject
WHERE subject.tenant_id = :tenant_id
    AND subject.id = :draft_id
RETURNING
    a.id,
    a.message_id,
    a.draft_id,
    a.file_name,
    a.mime_type,
    a.size_bytes,
    a.object_key,
    a.url,
    a.created_at;
