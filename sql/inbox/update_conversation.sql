-- name: inbox.update_conversation :maybe
-- Changes what `changes` names; no row when there is no such conversation, or the revision is another.
-- Which status changes are legal says operations.status_transitions.
-- row: conversation
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000005'
-- param: changes   jsonb       = '{"status": "closed"}'
-- param: revision  bigint NULL = NULL
UPDATE inbox.conversations AS c
SET
    status = coalesce(:changes::jsonb ->> 'status', c.status),
    subject = CASE WHEN :changes::jsonb ? 'subject' THEN :changes::jsonb ->> 'subject' ELSE c.subject END,
    customer_email = CASE
        WHEN :changes::jsonb ? 'customer_email' THEN :changes::jsonb ->> 'customer_email'
        ELSE c.customer_email
    END,
    customer_name = CASE
        WHEN :changes::jsonb ? 'customer_name' THEN :changes::jsonb ->> 'customer_name'
        ELSE c.customer_name
    END
WHERE c.tenant_id = :tenant_id
    AND c.id = :id
    AND (:revision::bigint IS NULL OR c.revision = :revision)
RETURNING
    c.id,
    c.channel_id,
    c.external_id,
    c.subject,
    c.status,
    c.customer_email,
    c.customer_name,
    c.last_message_at,
    c.last_inbound_at,
    c.last_message_id,
    c.draft_count,
    c.created_at,
    c.updated_at,
    c.revision;
