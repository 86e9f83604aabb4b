-- name: inbox.attach_to_draft :maybe
-- Notes a file of a draft; no row when it is noted already, under its key or its external id, or there is no
-- such draft.
-- row: attachment
-- param: tenant_id   uuid      = '00000000-0000-7000-8000-000000000001'
-- param: draft_id    uuid      = '00000000-0000-7000-8000-000000000007'
-- param: file_name   text      = 'invoice.pdf'
-- param: mime_type   text      = 'application/pdf'
-- param: size_bytes  bigint    = 1024
-- param: object_key  text      = 'attachments/invoice.pdf'
-- param: external_id text NULL = NULL
-- param: url         text NULL = NULL
INSERT INTO inbox.attachments AS a (
    tenant_id, draft_id, file_name, mime_type, size_bytes, object_key, external_id, url
)
SELECT
    :tenant_id,
    subject.id,
    :file_name,
    :mime_type,
    :size_bytes,
    :object_key,
    :external_id,
    :url
FROM drafts.drafts AS subject
WHERE subject.tenant_id = :tenant_id
    AND subject.id = :draft_id
ON CONFLICT DO NOTHING
RETURNING
    a.id,
    a.message_id,
    a.draft_id,
    a.file_name,
    a.mime_type,
    a.size_bytes,
    a.object_key,
    a.external_id,
    a.url,
    a.created_at;
