-- What came in: channels, conversations, messages.
-- depends: 0003.operations

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Channels --------------------------------------------------------------------------------------------

CREATE TABLE inbox.channels (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    type text NOT NULL,
    external_id text NOT NULL,
    name text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    signing_secret bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT channels_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT channels_external_id_key UNIQUE (tenant_id, type, external_id),
    CONSTRAINT channels_type_check CHECK (type IN ('email', 'chat', 'shopify', 'slack')),
    CONSTRAINT channels_external_id_check
    CHECK (external_id <> '' AND octet_length(external_id) <= 1024),
    CONSTRAINT channels_name_check CHECK (btrim(name) <> '' AND length(name) <= 200),
    CONSTRAINT channels_metadata_check CHECK (octet_length(metadata::text) < 65536)
);

COMMENT ON TABLE inbox.channels IS
'Integration endpoints through which customers write: a mailbox, a chat, a shop, a Slack workspace.';
COMMENT ON COLUMN inbox.channels.external_id IS 'What the integration calls this endpoint.';
COMMENT ON COLUMN inbox.channels.signing_secret IS
'Encrypted. When set, intake must carry the HMAC-SHA256 of its body under this secret.';
COMMENT ON CONSTRAINT channels_external_id_key ON inbox.channels IS
'external_id: another channel of this type has it';
COMMENT ON CONSTRAINT channels_type_check ON inbox.channels IS
'type: must be email, chat, shopify or slack';
COMMENT ON CONSTRAINT channels_external_id_check ON inbox.channels IS
'external_id: must have 1 to 1024 bytes';
COMMENT ON CONSTRAINT channels_name_check ON inbox.channels IS
'name: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT channels_metadata_check ON inbox.channels IS 'metadata: must be under 64 KB';

CREATE INDEX channels_created ON inbox.channels (tenant_id, created_at, id);

ALTER TABLE inbox.channels ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox.channels FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON inbox.channels
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TRIGGER touch BEFORE UPDATE ON inbox.channels
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION operations.touch();
CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON inbox.channels
FOR EACH ROW EXECUTE FUNCTION operations.record_event('inbox.channels', '{signing_secret}');

-- Conversations ---------------------------------------------------------------------------------------

CREATE TABLE inbox.conversations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    channel_id uuid NOT NULL,
    external_id text NOT NULL,
    subject text,
    status text NOT NULL DEFAULT 'open',
    customer_email text,
    customer_name text,
    last_message_at timestamptz,
    last_inbound_at timestamptz,
    draft_count bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT conversations_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT conversations_channel_fkey FOREIGN KEY (tenant_id, channel_id)
    REFERENCES inbox.channels (tenant_id, id),
    CONSTRAINT conversations_external_id_key UNIQUE (tenant_id, channel_id, external_id),
    CONSTRAINT conversations_external_id_check
    CHECK (external_id <> '' AND octet_length(external_id) <= 1024),
    CONSTRAINT conversations_status_check CHECK (status IN ('open', 'closed', 'archived')),
    CONSTRAINT conversations_subject_check CHECK (length(subject) <= 1000),
    CONSTRAINT conversations_customer_email_check CHECK (length(customer_email) <= 320),
    CONSTRAINT conversations_customer_name_check CHECK (length(customer_name) <= 200)
);

COMMENT ON TABLE inbox.conversations IS 'Threads upstream: a ticket, a chat, a comment and its answers.';
COMMENT ON COLUMN inbox.conversations.external_id IS 'What the channel calls this thread.';
COMMENT ON COLUMN inbox.conversations.last_inbound_at IS
'When the latest message of the customer was sent; kept by inbox.note_message().';
COMMENT ON COLUMN inbox.conversations.draft_count IS
'The version of the latest draft; kept by drafts.number_draft().';
COMMENT ON CONSTRAINT conversations_channel_fkey ON inbox.conversations IS
'channel_id: there is no such channel';
COMMENT ON CONSTRAINT conversations_external_id_key ON inbox.conversations IS
'external_id: another conversation of the channel has it';
COMMENT ON CONSTRAINT conversations_external_id_check ON inbox.conversations IS
'external_id: must have 1 to 1024 bytes';
COMMENT ON CONSTRAINT conversations_status_check ON inbox.conversations IS
'status: must be open, closed or archived';
COMMENT ON CONSTRAINT conversations_subject_check ON inbox.conversations IS
'subject: must have at most 1000 characters';
COMMENT ON CONSTRAINT conversations_customer_email_check ON inbox.conversations IS
'customer_email: must have at most 320 characters';
COMMENT ON CONSTRAINT conversations_customer_name_check ON inbox.conversations IS
'customer_name: must have at most 200 characters';

CREATE INDEX conversations_created ON inbox.conversations (tenant_id, created_at, id);
CREATE INDEX conversations_status ON inbox.conversations (tenant_id, status, created_at, id);
CREATE INDEX conversations_channel ON inbox.conversations (tenant_id, channel_id, created_at, id);
CREATE INDEX conversations_external_id ON inbox.conversations (tenant_id, external_id, created_at, id);
CREATE INDEX conversations_feed ON inbox.conversations (tenant_id, last_inbound_at, id)
WHERE status = 'open';

ALTER TABLE inbox.conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox.conversations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON inbox.conversations
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('inbox.conversations', 'new', 'open'),
('inbox.conversations', 'new', 'closed'),
('inbox.conversations', 'open', 'closed'),
('inbox.conversations', 'open', 'archived'),
('inbox.conversations', 'closed', 'open'),
('inbox.conversations', 'closed', 'archived'),
('inbox.conversations', 'archived', 'open'),
('inbox.conversations', 'archived', 'closed');

CREATE TRIGGER check_transition_on_insert BEFORE INSERT ON inbox.conversations
FOR EACH ROW EXECUTE FUNCTION operations.check_transition('inbox.conversations');
CREATE TRIGGER check_transition_on_update BEFORE UPDATE ON inbox.conversations
FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status)
EXECUTE FUNCTION operations.check_transition('inbox.conversations');
-- Only what people change counts as a revision, not the arrival of a message or a draft.
CREATE TRIGGER touch BEFORE UPDATE ON inbox.conversations
FOR EACH ROW WHEN (
    (old.status, old.subject, old.customer_email, old.customer_name)
    IS DISTINCT FROM (new.status, new.subject, new.customer_email, new.customer_name)
)
EXECUTE FUNCTION operations.touch();
CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON inbox.conversations
FOR EACH ROW EXECUTE FUNCTION operations.record_event('inbox.conversations');

-- Messages --------------------------------------------------------------------------------------------

CREATE TABLE inbox.messages (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    conversation_id uuid NOT NULL,
    external_id text,
    direction text NOT NULL,
    subject text,
    body_text text,
    body_html text,
    metadata jsonb NOT NULL DEFAULT '{}',
    sent_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    redacted_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT messages_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT messages_conversation_fkey FOREIGN KEY (tenant_id, conversation_id)
    REFERENCES inbox.conversations (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT messages_conversation_key UNIQUE (tenant_id, conversation_id, id),
    CONSTRAINT messages_external_id_key UNIQUE (tenant_id, conversation_id, external_id),
    CONSTRAINT messages_external_id_check
    CHECK (external_id <> '' AND octet_length(external_id) <= 1024),
    CONSTRAINT messages_direction_check CHECK (direction IN ('inbound', 'outbound', 'system')),
    CONSTRAINT messages_subject_check CHECK (length(subject) <= 1000),
    CONSTRAINT messages_body_text_check CHECK (octet_length(body_text) <= 262144),
    CONSTRAINT messages_body_html_check CHECK (octet_length(body_html) <= 524288),
    CONSTRAINT messages_metadata_check CHECK (octet_length(metadata::text) < 65536),
    CONSTRAINT messages_redacted_check CHECK (
        (body_text IS NULL) = (redacted_at IS NOT NULL)
        AND (redacted_at IS NULL OR (body_html IS NULL AND metadata = '{}'))
    )
);

COMMENT ON TABLE inbox.messages IS 'What was said in a conversation, in both directions.';
COMMENT ON COLUMN inbox.messages.external_id IS
'What the channel calls this message: a webhook that is retried finds it stored.';
COMMENT ON COLUMN inbox.messages.redacted_at IS 'When archiving removed bodies and metadata.';
COMMENT ON CONSTRAINT messages_conversation_fkey ON inbox.messages IS
'conversation_id: there is no such conversation';
COMMENT ON CONSTRAINT messages_external_id_key ON inbox.messages IS
'external_id: another message of the conversation has it';
COMMENT ON CONSTRAINT messages_external_id_check ON inbox.messages IS
'external_id: must have 1 to 1024 bytes';
COMMENT ON CONSTRAINT messages_direction_check ON inbox.messages IS
'direction: must be inbound, outbound or system';
COMMENT ON CONSTRAINT messages_subject_check ON inbox.messages IS
'subject: must have at most 1000 characters';
COMMENT ON CONSTRAINT messages_body_text_check ON inbox.messages IS
'body_text: must have at most 256 KB';
COMMENT ON CONSTRAINT messages_body_html_check ON inbox.messages IS
'body_html: must have at most 512 KB';
COMMENT ON CONSTRAINT messages_metadata_check ON inbox.messages IS 'metadata: must be under 64 KB';
COMMENT ON CONSTRAINT messages_redacted_check ON inbox.messages IS
'body_text: is there until archiving removes it, with body_html and metadata';

CREATE INDEX messages_conversation_sent
ON inbox.messages (tenant_id, conversation_id, sent_at, id);

ALTER TABLE inbox.messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox.messages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON inbox.messages
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE FUNCTION inbox.note_message() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    conversation_status text;
BEGIN
    UPDATE inbox.conversations AS c
    SET
        last_message_at = greatest(c.last_message_at, NEW.sent_at),
        last_inbound_at = CASE
            WHEN NEW.direction = 'inbound' THEN greatest(c.last_inbound_at, NEW.sent_at)
            ELSE c.last_inbound_at
        END
    WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.conversation_id
    RETURNING c.status INTO conversation_status;
    -- Archiving would not come by again to remove its body.
    IF conversation_status = 'archived' THEN
        RAISE EXCEPTION 'an archived conversation takes no messages' USING ERRCODE = 'DR001';
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION inbox.note_message() IS
'AFTER INSERT on messages: keeps the times by which conversations are ordered, whoever wrote the message;
refuses one to a conversation that is archived.';

CREATE TRIGGER note_message AFTER INSERT ON inbox.messages
FOR EACH ROW EXECUTE FUNCTION inbox.note_message();
CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON inbox.messages
FOR EACH ROW EXECUTE FUNCTION operations.record_event(
    'inbox.messages', '{subject,body_text,body_html,metadata}'
);
