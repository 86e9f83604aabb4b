-- name: inbox.find_message_attachment :one
-- A file that a message has already, by its key or its external id.
-- Indexes: attachments_object_key, attachments_external_id.
-- row: attachment
-- param: tenant_id   uuid      = '00000000-0000-7000-8000-000000000001'
-- param: message_id  uuid      = '00000000-0000-7000-8000-000000000006'
-- param: object_key  text      = 'attachments/invoice.pdf'
-- param: external_id text NULL = NULL
SELECT
    a.id,
    a.message_id,
    a.draft_id,
    a.file_name,
    a.mime_type,
    a.size_bytes,
    a.object_key,
    a.external_id,
    a.url,
    a.created_at
FROM inbox.attachments AS a
WHERE a.tenant_id = :tenant_id
    AND a.message_id = :message_id
    AND (a.object_key = :object_key OR a.external_id = :external_id)
ORDER BY a.id
LIMIT 1;
