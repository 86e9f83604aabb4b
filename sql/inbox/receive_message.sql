-- name: inbox.receive_message :one
-- Takes a message in: the conversation is found or made by its external id, the message and each of its files are
-- stored once, and a new inbound message of an open conversation asks for one draft. A message that is known changes
-- nothing; if its text differs, that text is kept as another version of it.
-- The status is what the channel says; if it says none, a new inbound message reopens the conversation, and any
-- other brings it back from the archive, which keeps no bodies. A message that was sent before the conversation's
-- latest comes late: it neither changes the status nor replaces a name. A new conversation has its first message noted
-- from the start; an open one of which the message says nothing new is only locked, for inbox.note_message() writes it
-- then. Of two deliveries at once the second waits for the conversation's row, and then finds the message: the empty
-- update is there to return it.
-- Indexes: conversations_external_id, messages_external_id_key (by the statistics messages_conversation),
-- jobs_unique_key.
-- single: the message is known, or there is a candidate for it
-- param: tenant_id                uuid             = '00000000-0000-7000-8000-000000000001'
-- param: channel_id               uuid             = '00000000-0000-7000-8000-000000000004'
-- param: conversation_external_id text             = 'TICKET-123'
-- param: status                   text NULL        = NULL
-- param: customer_email           text NULL        = 'customer@example.com'
-- param: customer_name            text NULL        = 'Customer'
-- param: external_id              text NULL        = 'MESSAGE-1'
-- param: direction                text             = 'inbound'
-- param: subject                  text NULL        = 'Order'
-- param: body_text                text NULL        = 'Where is it?'
-- param: body_html                text NULL        = NULL
-- param: metadata                 jsonb            = '{}'
-- param: sent_at                  timestamptz NULL = NULL
-- param: attachments              jsonb            = '[]'
-- param: warnings                 jsonb            = '[]'
-- not null: channel_id, conversation_id, conversation_status, message_id, created, version, warnings
WITH addressed AS (
    SELECT
        c.id,
        c.status
    FROM inbox.conversations AS c
    WHERE c.tenant_id = :tenant_id
        AND c.channel_id = :channel_id
        AND c.external_id = :conversation_external_id
),

known AS (
    SELECT
        addressed.id AS conversation_id,
        addressed.status AS conversation_status,
        m.id AS message_id,
        m.body_text,
        m.body_html,
        m.warnings,
        m.redacted_at
    FROM addressed
    INNER JOIN inbox.messages AS m
        ON m.tenant_id = :tenant_id
        -- As one value: how many messages a conversation has is known by inbox.messages_conversation.
        AND m.conversation_id = (SELECT only_one.id FROM addressed AS only_one)
        AND m.external_id = :external_id
),

candidate AS (
    SELECT
        operations.new_id() AS id,
        coalesce(:sent_at::timestamptz, now()) AS sent_at,
        -- Else inbox.date_message() gives it another time.
        coalesce(:sent_at <= now() + interval '1 day', true) AS is_noted
    WHERE NOT EXISTS (SELECT 1 FROM known)
),

-- The conversation, locked, if it is open and the message says nothing new of it.
unchanged AS (
    SELECT
        c.id,
        c.status
    FROM inbox.conversations AS c
    WHERE c.tenant_id = :tenant_id
        AND c.channel_id = :channel_id
        AND c.external_id = :conversation_external_id
        AND c.status = 'open'
        AND coalesce(:status, 'open') = 'open'
        AND (c.subject IS NOT NULL OR :subject::text IS NULL)
        AND coalesce(:customer_email, c.customer_email) IS NOT DISTINCT FROM c.customer_email
        AND coalesce(:customer_name, c.customer_name) IS NOT DISTINCT FROM c.customer_name
        AND EXISTS (SELECT 1 FROM candidate)
    FOR NO KEY UPDATE
),

written AS (
    INSERT INTO inbox.conversations AS c (
        tenant_id,
        channel_id,
        external_id,
        status,
        subject,
        customer_email,
        customer_name,
        last_message_id,
        last_message_at,
        last_inbound_at
    )
    SELECT
        :tenant_id,
        :channel_id,
        :conversation_external_id,
        coalesce(:status, 'open'),
        :subject,
        :customer_email,
        :customer_name,
        CASE WHEN candidate.is_noted THEN candidate.id END AS last_message_id,
        CASE WHEN candidate.is_noted THEN candidate.sent_at END AS last_message_at,
        CASE WHEN candidate.is_noted AND :direction = 'inbound' THEN candidate.sent_at END AS last_inbound_at
    FROM candidate
    WHERE NOT EXISTS (SELECT 1 FROM unchanged)
    ON CONFLICT (tenant_id, channel_id, external_id) DO UPDATE
        SET
            status = coalesce(
                CASE
                    WHEN :sent_at < c.last_message_at THEN NULL
                    WHEN :status::text IS NOT NULL THEN :status
                    WHEN :direction = 'inbound' THEN 'open'
                END,
                CASE WHEN c.status = 'archived' THEN 'closed' ELSE c.status END
            ),
            subject = coalesce(c.subject, excluded.subject),
            customer_email = CASE
                WHEN :sent_at < c.last_message_at THEN coalesce(c.customer_email, excluded.customer_email)
                ELSE coalesce(excluded.customer_email, c.customer_email)
            END,
            customer_name = CASE
                WHEN :sent_at < c.last_message_at THEN coalesce(c.customer_name, excluded.customer_name)
                ELSE coalesce(excluded.customer_name, c.customer_name)
            END
    RETURNING
        c.id,
        c.status
),

conversation AS (
    SELECT
        written.id,
        written.status
    FROM written
    UNION ALL
    SELECT
        unchanged.id,
        unchanged.status
    FROM unchanged
),

message AS (
    INSERT INTO inbox.messages AS m (
        tenant_id,
        id,
        conversation_id,
        external_id,
        direction,
        subject,
        body_text,
        body_html,
        metadata,
        warnings,
        sent_at
    )
    SELECT
        :tenant_id,
        candidate.id,
        conversation.id AS conversation_id,
        :external_id,
        :direction,
        :subject,
        :body_text,
        :body_html,
        :metadata,
        :warnings::jsonb,
        candidate.sent_at
    FROM candidate
    CROSS JOIN conversation
    ON CONFLICT (tenant_id, conversation_id, external_id) DO UPDATE
        SET direction = m.direction
    RETURNING
        m.id,
        m.conversation_id,
        m.body_text,
        m.body_html,
        m.warnings,
        m.redacted_at
),

stored AS (
    SELECT
        known.conversation_id,
        known.conversation_status,
        known.message_id,
        known.body_text,
        known.body_html,
        known.warnings,
        known.redacted_at,
        false AS created
    FROM known
    UNION ALL
    SELECT
        conversation.id AS conversation_id,
        conversation.status AS conversation_status,
        message.id AS message_id,
        message.body_text,
        message.body_html,
        message.warnings,
        message.redacted_at,
        message.id = candidate.id AS created
    FROM conversation
    CROSS JOIN message
    CROSS JOIN candidate
),

version AS (
    INSERT INTO inbox.message_versions AS v (
        tenant_id, message_id, subject, body_text, body_html, metadata, warnings, sent_at
    )
    SELECT
        :tenant_id,
        stored.message_id,
        :subject,
        :body_text,
        :body_html,
        :metadata,
        :warnings::jsonb,
        coalesce(:sent_at::timestamptz, now())
    FROM stored
    WHERE NOT stored.created
        AND stored.redacted_at IS NULL
        AND (stored.body_text, stored.body_html) IS DISTINCT FROM (:body_text::text, :body_html::text)
    RETURNING
        v.version,
        v.warnings
),

attachment AS (
    INSERT INTO inbox.attachments AS a (
        tenant_id, message_id, file_name, mime_type, size_bytes, object_key, external_id, url
    )
    SELECT
        :tenant_id,
        stored.message_id,
        file.file_name,
        file.mime_type,
        file.size_bytes,
        file.object_key,
        file.external_id,
        file.url
    FROM stored
    CROSS JOIN
        jsonb_to_recordset(:attachments::jsonb)
            AS file (
                file_name text, mime_type text, size_bytes bigint, object_key text, external_id text, url text
            )
    WHERE stored.redacted_at IS NULL
    ON CONFLICT DO NOTHING
    RETURNING a.id
),

job AS (
    INSERT INTO operations.jobs AS j (tenant_id, type, unique_key, ignores_queue_length, payload)
    SELECT
        :tenant_id,
        'draft',
        stored.message_id::text,
        true,
        jsonb_build_object('conversation_id', stored.conversation_id, 'message_id', stored.message_id)
    FROM stored
    WHERE stored.created
        AND :direction = 'inbound'
        AND stored.conversation_status = 'open'
    RETURNING j.id
)

SELECT
    :channel_id AS channel_id,
    stored.conversation_id,
    stored.conversation_status,
    stored.message_id,
    stored.created,
    job.id AS job_id,
    coalesce(version.version, 1) AS version,
    coalesce(version.warnings, stored.warnings) AS warnings
FROM stored
LEFT OUTER JOIN version ON true
LEFT OUTER JOIN job ON true;
