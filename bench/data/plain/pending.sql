-- Drafts to decide on, as in ../pending.sql. Their conversations are closed, so that the feed stays as it is.

CREATE TEMPORARY TABLE new_draft ON COMMIT DROP AS
SELECT
    n,
    '-0000-7000-8000-' || lpad(to_hex(n), 12, '0') AS tail,
    timestamp '2025-01-01' + n * interval '1 millisecond' AS at
FROM
    generate_series(
        current_setting('bench.first')::bigint,
        current_setting('bench.first')::bigint + current_setting('bench.count')::bigint - 1
    ) AS n;

INSERT INTO conversations (id, account_id, channel_id, external_id, subject, status, created_at, updated_at)
SELECT
    '01910000' || tail,
    '00000000-0000-7000-8000-000000000001',
    '018a0000-0000-7000-8000-000000000001',
    'ticket-' || n,
    'Order',
    'closed',
    at,
    at
FROM new_draft;

INSERT INTO messages (id, conversation_id, external_id, direction, subject, body_text, sent_at)
SELECT
    '01920000' || tail,
    '01910000' || tail,
    'message',
    'inbound',
    'Order',
    'I ordered fuel line fittings last week, and they have not arrived.',
    at
FROM new_draft;

INSERT INTO drafts (
    id, conversation_id, trigger_message_id, model_key, prompt_version, suggested_text, created_at, updated_at
)
SELECT
    '01930000' || tail,
    '01910000' || tail,
    '01920000' || tail,
    'gpt-4o-mini',
    'v1',
    'Hi, your order left our warehouse on Tuesday. It arrives within 5 days.',
    at,
    at
FROM new_draft;
