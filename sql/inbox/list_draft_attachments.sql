-- name: inbox.list_draft_attachments :page
-- Files of a draft, oldest first.
-- Index: attachments_draft.
-- row: attachment
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: draft_id  uuid = '00000000-0000-7000-8000-000000000006'
-- param: after_id  uuid = '00000000-0000-0000-0000-000000000000'
-- param: limit     int  = 30
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
    AND a.draft_id = :draft_id
    AND a.id > :after_id
ORDER BY a.id
LIMIT :limit + 1;
