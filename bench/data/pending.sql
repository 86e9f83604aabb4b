-- Drafts to decide on: bench.count conversations of the first tenant, each with a question and a pending draft,
-- numbered from bench.first. They have no time of an inbound message, so that the feed stays as it is.
--
-- Run as fill.sql is, after it.

CREATE TEMPORARY TABLE new_draft ON COMMIT DROP AS
SELECT
    '00000000-0000-7000-8000-000000000001'::uuid AS tenant_id,
    '018a0000-0000-7000-8000-000000000001'::uuid AS channel_id,
    pg_temp.numbered('01910000', n) AS conversation_id,
    pg_temp.numbered('01920000', n) AS message_id,
    pg_temp.numbered('01930000', n) AS id,
    'ticket-' || n AS external_id,
    timestamptz '2025-01-01' + n * interval '1 millisecond' AS created_at
FROM
    generate_series(
        current_setting('bench.first')::bigint,
        current_setting('bench.first')::bigint + current_setting('bench.count')::bigint - 1
    ) AS n;

INSERT INTO inbox.conversations (
    tenant_id,
    id,
    channel_id,
    external_id,
    subject,
    status,
    last_message_at,
    last_message_id,
    draft_count,
    created_at,
    updated_at
)
SELECT
    d.tenant_id,
    d.conversation_id,
    d.channel_id,
    d.external_id,
    'Order',
    'open',
    d.created_at,
    d.message_id,
    1,
    d.created_at,
    d.created_at
FROM new_draft AS d;

INSERT INTO inbox.messages (
    tenant_id, id, conversation_id, external_id, direction, subject, body_text, sent_at, created_at
)
SELECT
    d.tenant_id,
    d.message_id,
    d.conversation_id,
    'message',
    'inbound',
    'Order',
    'I ordered fuel line fittings last week, and they have not arrived.',
    d.created_at,
    d.created_at
FROM new_draft AS d;

INSERT INTO drafts.drafts (
    tenant_id,
    id,
    conversation_id,
    trigger_message_id,
    version,
    model_key,
    prompt_version,
    suggested_text,
    created_at,
    updated_at
)
SELECT
    d.tenant_id,
    d.id,
    d.conversation_id,
    d.message_id,
    1,
    'gpt-4o-mini',
    'v1',
    'Hi, your order left our warehouse on Tuesday. It arrives within 5 days.',
    d.created_at,
    d.created_at
FROM new_draft AS d;
