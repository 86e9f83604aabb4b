-- name: inbox.list_message_versions :page
-- Other texts that came under the external id of a message, the latest first.
-- Index: message_versions_version_key.
-- param: tenant_id     uuid   = '00000000-0000-7000-8000-000000000001'
-- param: message_id    uuid   = '00000000-0000-7000-8000-000000000006'
-- param: after_version bigint = 9223372036854775807
-- param: limit         int    = 30
SELECT
    v.id,
    v.message_id,
    v.version,
    v.subject,
    v.body_text,
    v.body_html,
    v.metadata,
    v.warnings,
    v.sent_at,
    v.created_at,
    v.redacted_at
FROM inbox.message_versions AS v
WHERE v.tenant_id = :tenant_id
    AND v.message_id = :message_id
    AND v.version < :after_version
ORDER BY v.version DESC
LIMIT :limit + 1;
