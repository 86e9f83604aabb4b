-- name: inbox.receive_message :one
-- Takes a message in: the conversation is found or made by its external id, the message is stored once, and a
-- new inbound message of an open conversation asks for one draft. A message that is known changes nothing.
-- The status is what the channel says; if it says none, a new inbound message reopens the conversation, and any
-- other brings it back from the archive, which keeps no bodies. Of two deliveries at once the second waits for
-- the conversation's row, and then finds the message: the empty update is there to return its id.
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
-- param: body_text                text             = 'Where is it?'
-- param: body_html                text NULL        = NULL
-- param: metadata                 jsonb            = '{}'
-- param: sent_at                  timestamptz NULL = NULL
-- not null: channel_id, conversation_id, conversation_status, message_id, created
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
        m.id AS message_id
    FROM addressed
    INNER JOIN inbox.messages AS m
        ON m.tenant_id = :tenant_id
        -- As one value: how many messages a conversation has is known by inbox.messages_conversation.
        AND m.conversation_id = (SELECT only_one.id FROM addressed AS only_one)
        AND m.external_id = :external_id
),

candidate AS (
    SELECT operations.new_id() AS id
    WHERE NOT EXISTS (SELECT 1 FROM known)
),

conversation AS (
    INSERT INTO inbox.conversations AS c (
        tenant_id, channel_id, external_id, status, subject, customer_email, customer_name
    )
    SELECT
        :tenant_id,
        :channel_id,
        :conversation_external_id,
        coalesce(:status, 'open'),
        :subject,
        :customer_email,
        :customer_name
    FROM candidate
    ON CONFLICT (tenant_id, channel_id, external_id) DO UPDATE
        SET
            status = coalesce(
                :status,
                CASE
                    WHEN :direction = 'inbound' THEN 'open'
                    WHEN c.status = 'archived' THEN 'closed'
                END,
                c.status
            ),
            subject = coalesce(c.subject, excluded.subject),
            customer_email = coalesce(excluded.customer_email, c.customer_email),
            customer_name = coalesce(excluded.customer_name, c.customer_name)
    RETURNING
        c.id,
        c.status
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
        coalesce(:sent_at, now())
    FROM candidate
    CROSS JOIN conversation
    ON CONFLICT (tenant_id, conversation_id, external_id) DO UPDATE
        SET direction = m.direction
    RETURNING
        m.id,
        m.conversation_id
),

job AS (
    INSERT INTO operations.jobs AS j (tenant_id, type, unique_key, payload)
    SELECT
        :tenant_id,
        'draft',
        message.id::text,
        jsonb_build_object('conversation_id', conversation.id, 'message_id', message.id)
    FROM message
    INNER JOIN candidate ON candidate.id = message.id
    INNER JOIN conversation ON conversation.id = message.conversation_id
    WHERE :direction = 'inbound'
        AND conversation.status = 'open'
    RETURNING j.id
)

SELECT
    :channel_id AS channel_id,
    known.conversation_id,
    known.conversation_status,
    known.message_id,
    false AS created,
    NULL::uuid AS job_id
FROM known
UNION ALL
SELECT
    :channel_id AS channel_id,
    conversation.id AS conversation_id,
    conversation.status AS conversation_status,
    message.id AS message_id,
    message.id = candidate.id AS created,
    job.id AS job_id
FROM conversation
CROSS JOIN message
CROSS JOIN candidate
LEFT OUTER JOIN job ON true;
