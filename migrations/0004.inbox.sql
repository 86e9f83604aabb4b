-- What came in: channels, conversations, messages, attachments.
-- depends: 0003.operations

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA inbox;

COMMENT ON SCHEMA inbox IS 'What came in: channels, conversations, messages, attachments.';

GRANT USAGE ON SCHEMA inbox TO app_rw, app_ro;

-- Channels ------------------------------------------------------------------------------------------

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
    CHECK (NOT operations.is_blank(external_id) AND octet_length(external_id) <= 1024),
    CONSTRAINT channels_name_check CHECK (NOT operations.is_blank(name) AND length(name) <= 200),
    CONSTRAINT channels_metadata_check
    CHECK (jsonb_typeof(metadata) = 'object' AND octet_length(metadata::text) < 65536)
);

COMMENT ON TABLE inbox.channels IS
'Integration endpoints through which customers write: a mailbox, a chat, a shop, a Slack workspace.';
COMMENT ON COLUMN inbox.channels.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN inbox.channels.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN inbox.channels.type IS 'email, chat, shopify or slack.';
COMMENT ON COLUMN inbox.channels.external_id IS 'What the integration calls this endpoint.';
COMMENT ON COLUMN inbox.channels.name IS 'What people call it; 1 to 200 characters.';
COMMENT ON COLUMN inbox.channels.metadata IS
'What the integration keeps with it: any JSON object under 64 KB.';
COMMENT ON COLUMN inbox.channels.signing_secret IS
'Encrypted. When set, intake must carry the HMAC-SHA256 of its body under this secret.';
COMMENT ON COLUMN inbox.channels.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN inbox.channels.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN inbox.channels.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT channels_external_id_key ON inbox.channels IS
'external_id: another channel of this type has it';
COMMENT ON CONSTRAINT channels_type_check ON inbox.channels IS
'type: must be email, chat, shopify or slack';
COMMENT ON CONSTRAINT channels_external_id_check ON inbox.channels IS
'external_id: must not be blank, and at most 1024 bytes';
COMMENT ON CONSTRAINT channels_name_check ON inbox.channels IS
'name: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT channels_metadata_check ON inbox.channels IS 'metadata: must be an object under 64 KB';


CALL operations.protect(
    'inbox.channels', rows => 'tenant',
    shown => '{type,created_at}',
    fixed => '{type,external_id,created_at}'
);

-- Conversations -------------------------------------------------------------------------------------

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
    last_message_id uuid,
    draft_count bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    customer_address text GENERATED ALWAYS AS (lower(btrim(customer_email))) STORED,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT conversations_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT conversations_channel_fkey FOREIGN KEY (tenant_id, channel_id)
    REFERENCES inbox.channels (tenant_id, id),
    CONSTRAINT conversations_external_id_key UNIQUE (tenant_id, channel_id, external_id),
    CONSTRAINT conversations_external_id_check
    CHECK (NOT operations.is_blank(external_id) AND octet_length(external_id) <= 1024),
    CONSTRAINT conversations_status_check CHECK (status IN ('open', 'closed', 'archived')),
    CONSTRAINT conversations_subject_check CHECK (length(subject) <= 1000),
    CONSTRAINT conversations_customer_email_check CHECK (length(customer_email) <= 320),
    CONSTRAINT conversations_customer_name_check CHECK (length(customer_name) <= 200)
);

COMMENT ON TABLE inbox.conversations IS 'Threads upstream: a ticket, a chat, a comment and its answers.';
COMMENT ON COLUMN inbox.conversations.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN inbox.conversations.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN inbox.conversations.channel_id IS 'The channel through which the customer writes.';
COMMENT ON COLUMN inbox.conversations.external_id IS 'What the channel calls this thread.';
COMMENT ON COLUMN inbox.conversations.subject IS
'Of the first message that had one, until a person changes it; NULL if there is none. Archiving leaves it.';
COMMENT ON COLUMN inbox.conversations.status IS
'open, closed or archived; operations.status_transitions has the legal changes. Archiving removes the texts.';
COMMENT ON COLUMN inbox.conversations.customer_email IS
'Any text: as the latest message said that named one, or a person since; NULL if unknown. Archiving leaves it.';
COMMENT ON COLUMN inbox.conversations.customer_name IS
'As the latest message said that named one, or a person since; NULL if unknown. Archiving leaves it.';
COMMENT ON COLUMN inbox.conversations.last_message_at IS
'When the latest message of any direction was sent; kept by inbox.note_message(). NULL before the first.';
COMMENT ON COLUMN inbox.conversations.last_inbound_at IS
'When the latest message of the customer was sent; kept by inbox.note_message().';
COMMENT ON COLUMN inbox.conversations.last_message_id IS
'The message that came last, of any direction and whenever it was sent; kept by inbox.note_message().';
COMMENT ON COLUMN inbox.conversations.draft_count IS
'The version of the latest draft; kept by drafts.number_draft().';
COMMENT ON COLUMN inbox.conversations.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN inbox.conversations.updated_at IS
'When status, subject or customer last changed; kept by operations.touch().';
COMMENT ON COLUMN inbox.conversations.revision IS
'Counts the changes of status, subject and customer: the ETag over HTTP; kept by operations.touch().';
COMMENT ON COLUMN inbox.conversations.customer_address IS
'customer_email in lower case and without spaces around it: what a customer is found by to be exported or erased.';
COMMENT ON CONSTRAINT conversations_channel_fkey ON inbox.conversations IS
'channel_id: there is no such channel';
COMMENT ON CONSTRAINT conversations_external_id_key ON inbox.conversations IS
'external_id: another conversation of the channel has it';
COMMENT ON CONSTRAINT conversations_external_id_check ON inbox.conversations IS
'external_id: must not be blank, and at most 1024 bytes';
COMMENT ON CONSTRAINT conversations_status_check ON inbox.conversations IS
'status: must be open, closed or archived';
COMMENT ON CONSTRAINT conversations_subject_check ON inbox.conversations IS
'subject: must have at most 1000 characters';
COMMENT ON CONSTRAINT conversations_customer_email_check ON inbox.conversations IS
'customer_email: must have at most 320 characters';
COMMENT ON CONSTRAINT conversations_customer_name_check ON inbox.conversations IS
'customer_name: must have at most 200 characters';

CREATE INDEX conversations_status ON inbox.conversations (tenant_id, status, id);
CREATE INDEX conversations_channel ON inbox.conversations (tenant_id, channel_id, id);
CREATE INDEX conversations_external_id ON inbox.conversations (tenant_id, external_id, id);
CREATE INDEX conversations_customer ON inbox.conversations (tenant_id, customer_address, id)
WHERE customer_address IS NOT NULL;
CREATE INDEX conversations_feed ON inbox.conversations (tenant_id, last_inbound_at, id)
WHERE status = 'open';

CALL operations.protect(
    'inbox.conversations', rows => 'tenant',
    shown => '{channel_id,status,created_at}',
    fixed => '{channel_id,external_id,created_at}',
    kept => '{last_message_at,last_inbound_at,last_message_id,draft_count}',
    given => '{last_message_at,last_inbound_at,last_message_id}',
    quiet => '{last_message_at,last_inbound_at,last_message_id,draft_count}'
);

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

CALL operations.guard_status('inbox.conversations');

CREATE FUNCTION inbox.forget_conversations(tenant_id uuid, ids uuid []) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    forgotten bigint;
BEGIN
    DELETE FROM inbox.conversations AS c
    WHERE c.tenant_id = forget_conversations.tenant_id AND c.id = ANY (ids);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

COMMENT ON FUNCTION inbox.forget_conversations(uuid, uuid []) IS
'Deletes conversations with all that hangs on them, down to the learning samples, and tells how many. Whoever calls it
needs the privilege, which the owner alone has.';

GRANT EXECUTE ON FUNCTION inbox.forget_conversations(uuid, uuid []) TO app_rw;

-- Messages ------------------------------------------------------------------------------------------

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
    warnings jsonb NOT NULL DEFAULT '[]',
    latest_version bigint NOT NULL DEFAULT 1,
    sent_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    redacted_at timestamptz,
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT messages_conversation_fkey FOREIGN KEY (tenant_id, conversation_id)
    REFERENCES inbox.conversations (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT messages_conversation_key UNIQUE (tenant_id, conversation_id, id),
    CONSTRAINT messages_external_id_key UNIQUE (tenant_id, conversation_id, external_id),
    CONSTRAINT messages_external_id_check
    CHECK (NOT operations.is_blank(external_id) AND octet_length(external_id) <= 1024),
    CONSTRAINT messages_direction_check CHECK (direction IN ('inbound', 'outbound', 'system')),
    CONSTRAINT messages_subject_check CHECK (length(subject) <= 1000),
    CONSTRAINT messages_body_text_check CHECK (octet_length(body_text) <= 262144),
    CONSTRAINT messages_body_html_check CHECK (octet_length(body_html) <= 524288),
    CONSTRAINT messages_metadata_check
    CHECK (jsonb_typeof(metadata) = 'object' AND octet_length(metadata::text) < 65536),
    CONSTRAINT messages_warnings_check
    CHECK (jsonb_typeof(warnings) = 'array' AND octet_length(warnings::text) < 65536),
    CONSTRAINT messages_redacted_check CHECK (
        (num_nonnulls(body_text, body_html) = 0) = (redacted_at IS NOT NULL)
        AND (redacted_at IS NULL OR (metadata = '{}' AND warnings = '[]'))
    )
);

COMMENT ON TABLE inbox.messages IS 'What was said in a conversation, in both directions.';
COMMENT ON COLUMN inbox.messages.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN inbox.messages.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN inbox.messages.conversation_id IS 'The conversation that it is part of.';
COMMENT ON COLUMN inbox.messages.external_id IS
'What the channel calls this message: a webhook that is retried finds it stored.';
COMMENT ON COLUMN inbox.messages.direction IS
'inbound is from the customer, outbound is to the customer, system is neither.';
COMMENT ON COLUMN inbox.messages.subject IS
'Its own subject; NULL if it has none. Archiving leaves it.';
COMMENT ON COLUMN inbox.messages.body_text IS
'Plain text, at most 256 KB; NULL if there is HTML only, or once archiving removed it.';
COMMENT ON COLUMN inbox.messages.body_html IS
'As HTML, at most 512 KB; NULL if there is none. Archiving removes it.';
COMMENT ON COLUMN inbox.messages.metadata IS
'What the channel tells beside the text, under 64 KB; empty once archived.';
COMMENT ON COLUMN inbox.messages.warnings IS
'What was changed for it to be stored: a list of {"field", "message", "given"}; empty once archived.';
COMMENT ON COLUMN inbox.messages.latest_version IS
'1, or the latest version of it in inbox.message_versions; kept by inbox.number_version().';
COMMENT ON COLUMN inbox.messages.sent_at IS
'When it was sent, as the channel or the posting worker says; else when it was stored.';
COMMENT ON COLUMN inbox.messages.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN inbox.messages.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN inbox.messages.redacted_at IS 'When archiving removed bodies, metadata and warnings.';
COMMENT ON COLUMN inbox.messages.revision IS 'Counts the changes; kept by operations.touch().';
COMMENT ON CONSTRAINT messages_conversation_fkey ON inbox.messages IS
'conversation_id: there is no such conversation';
COMMENT ON CONSTRAINT messages_external_id_key ON inbox.messages IS
'external_id: another message of the conversation has it';
COMMENT ON CONSTRAINT messages_external_id_check ON inbox.messages IS
'external_id: must not be blank, and at most 1024 bytes';
COMMENT ON CONSTRAINT messages_direction_check ON inbox.messages IS
'direction: must be inbound, outbound or system';
COMMENT ON CONSTRAINT messages_subject_check ON inbox.messages IS
'subject: must have at most 1000 characters';
COMMENT ON CONSTRAINT messages_body_text_check ON inbox.messages IS
'body_text: must have at most 256 KB';
COMMENT ON CONSTRAINT messages_body_html_check ON inbox.messages IS
'body_html: must have at most 512 KB';
COMMENT ON CONSTRAINT messages_metadata_check ON inbox.messages IS 'metadata: must be an object under 64 KB';
COMMENT ON CONSTRAINT messages_warnings_check ON inbox.messages IS 'warnings: must be a list under 64 KB';
COMMENT ON CONSTRAINT messages_redacted_check ON inbox.messages IS
'body_text: is there, or body_html, until archiving removes both, with metadata and warnings';

CREATE INDEX messages_conversation_sent
ON inbox.messages (tenant_id, conversation_id, sent_at, id);

CALL operations.protect(
    'inbox.messages', rows => 'tenant',
    shown => '{conversation_id,direction,sent_at,created_at,redacted_at}',
    fixed => '{conversation_id,external_id,direction,subject,sent_at,created_at}',
    redacted => '{body_text,body_html,metadata,warnings}',
    kept => '{latest_version}',
    quiet => '{latest_version}'
);

CREATE FUNCTION inbox.date_message() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.warnings := NEW.warnings || jsonb_build_array(
        jsonb_build_object(
            'field', 'sent_at',
            'message', 'is more than a day ahead: the time when it came in stands for it',
            'given', NEW.sent_at
        )
    );
    NEW.sent_at := now();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION inbox.date_message() IS
'BEFORE INSERT on messages: one from a future of more than a day is dated now, and keeps what was said of it among its
warnings. It would be the latest for as long as that day is not there.';

CREATE FUNCTION inbox.note_message() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    conversation_status text;
BEGIN
    UPDATE inbox.conversations AS c
    SET
        last_message_id = NEW.id,
        last_message_at = greatest(c.last_message_at, NEW.sent_at),
        last_inbound_at = CASE
            WHEN NEW.direction = 'inbound' THEN greatest(c.last_inbound_at, NEW.sent_at)
            ELSE c.last_inbound_at
        END
    WHERE c.tenant_id = NEW.tenant_id
        AND c.id = NEW.conversation_id
        -- A new conversation may have come with its first message noted.
        AND c.last_message_id IS DISTINCT FROM NEW.id
    RETURNING c.status INTO conversation_status;
    -- Archiving would not come by again to remove its body.
    IF conversation_status = 'archived' THEN
        RAISE EXCEPTION 'an archived conversation takes no messages' USING ERRCODE = 'DR001';
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION inbox.note_message() IS
'AFTER INSERT on messages: keeps which message came last, and the times by which conversations are ordered, whoever
wrote the message; refuses one to a conversation that is archived.';

CREATE TRIGGER date_message BEFORE INSERT ON inbox.messages
FOR EACH ROW WHEN (new.sent_at > now() + interval '1 day') EXECUTE FUNCTION inbox.date_message();
CREATE TRIGGER note_message AFTER INSERT ON inbox.messages
FOR EACH ROW EXECUTE FUNCTION inbox.note_message();

CREATE FUNCTION inbox.check_first_message() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM
    FROM inbox.messages AS m
    WHERE m.tenant_id = NEW.tenant_id
        AND m.id = NEW.last_message_id
        AND m.conversation_id = NEW.id
        AND m.sent_at = NEW.last_message_at
        AND CASE WHEN m.direction = 'inbound' THEN m.sent_at END IS NOT DISTINCT FROM NEW.last_inbound_at;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the conversation has no such message: violates constraint "%"', TG_NAME
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION inbox.check_first_message() IS
'AFTER INSERT on conversations that say which message came last: refuses one that did not come with that message.';

CREATE CONSTRAINT TRIGGER conversations_first_message_check AFTER INSERT ON inbox.conversations
DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (
    num_nonnulls(new.last_message_id, new.last_message_at, new.last_inbound_at) > 0
)
EXECUTE FUNCTION inbox.check_first_message();

COMMENT ON CONSTRAINT conversations_first_message_check ON inbox.conversations IS
'last_message_id: must be the message that comes with a new conversation, and the times those of that message';

-- A conversation is of one tenant. Without knowing that, the planner takes it for as good to read all messages of
-- the conversation as to read the one with an external id.
CREATE STATISTICS inbox.messages_conversation (DEPENDENCIES)
ON tenant_id, conversation_id FROM inbox.messages;

COMMENT ON STATISTICS inbox.messages_conversation IS
'That a conversation has few messages, whatever the tenant: for the index on their external ids.';

-- Other texts of a message --------------------------------------------------------------------------

CREATE TABLE inbox.message_versions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    message_id uuid NOT NULL,
    version bigint NOT NULL,
    subject text,
    body_text text,
    body_html text,
    metadata jsonb NOT NULL DEFAULT '{}',
    warnings jsonb NOT NULL DEFAULT '[]',
    sent_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    redacted_at timestamptz,
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT message_versions_message_fkey FOREIGN KEY (tenant_id, message_id)
    REFERENCES inbox.messages (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT message_versions_version_key UNIQUE (tenant_id, message_id, version),
    CONSTRAINT message_versions_version_check CHECK (version > 1),
    CONSTRAINT message_versions_subject_check CHECK (length(subject) <= 1000),
    CONSTRAINT message_versions_body_text_check CHECK (octet_length(body_text) <= 262144),
    CONSTRAINT message_versions_body_html_check CHECK (octet_length(body_html) <= 524288),
    CONSTRAINT message_versions_metadata_check
    CHECK (jsonb_typeof(metadata) = 'object' AND octet_length(metadata::text) < 65536),
    CONSTRAINT message_versions_warnings_check
    CHECK (jsonb_typeof(warnings) = 'array' AND octet_length(warnings::text) < 65536),
    CONSTRAINT message_versions_redacted_check CHECK (
        (num_nonnulls(body_text, body_html) = 0) = (redacted_at IS NOT NULL)
        AND (redacted_at IS NULL OR (metadata = '{}' AND warnings = '[]'))
    )
);

COMMENT ON TABLE inbox.message_versions IS
'Other texts that came under the external id of a message that was there: it was edited upstream, or the id was used
again. The message stays as it came first.';
COMMENT ON COLUMN inbox.message_versions.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN inbox.message_versions.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN inbox.message_versions.message_id IS 'The message as which it came.';
COMMENT ON COLUMN inbox.message_versions.version IS
'2, 3, 4 within the message, without gap; given by inbox.number_version().';
COMMENT ON COLUMN inbox.message_versions.subject IS 'As the message''s own.';
COMMENT ON COLUMN inbox.message_versions.body_text IS
'Plain text, at most 256 KB; NULL if there is HTML only, or once archiving removed it.';
COMMENT ON COLUMN inbox.message_versions.body_html IS
'As HTML, at most 512 KB; NULL if there is none. Archiving removes it.';
COMMENT ON COLUMN inbox.message_versions.metadata IS
'What the channel told beside this text, under 64 KB; empty once archived.';
COMMENT ON COLUMN inbox.message_versions.warnings IS
'That it is another text, and what was changed for it to be stored; empty once archived.';
COMMENT ON COLUMN inbox.message_versions.sent_at IS 'As the channel said with this text; else when it was stored.';
COMMENT ON COLUMN inbox.message_versions.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN inbox.message_versions.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN inbox.message_versions.redacted_at IS
'When archiving removed bodies, metadata and warnings.';
COMMENT ON COLUMN inbox.message_versions.revision IS 'Counts the changes; kept by operations.touch().';
COMMENT ON CONSTRAINT message_versions_message_fkey ON inbox.message_versions IS
'message_id: there is no such message';
COMMENT ON CONSTRAINT message_versions_version_key ON inbox.message_versions IS
'version: the message has this version';
COMMENT ON CONSTRAINT message_versions_version_check ON inbox.message_versions IS
'version: must be greater than 1, which is the message itself';
COMMENT ON CONSTRAINT message_versions_subject_check ON inbox.message_versions IS
'subject: must have at most 1000 characters';
COMMENT ON CONSTRAINT message_versions_body_text_check ON inbox.message_versions IS
'body_text: must have at most 256 KB';
COMMENT ON CONSTRAINT message_versions_body_html_check ON inbox.message_versions IS
'body_html: must have at most 512 KB';
COMMENT ON CONSTRAINT message_versions_metadata_check ON inbox.message_versions IS
'metadata: must be an object under 64 KB';
COMMENT ON CONSTRAINT message_versions_warnings_check ON inbox.message_versions IS
'warnings: must be a list under 64 KB';
COMMENT ON CONSTRAINT message_versions_redacted_check ON inbox.message_versions IS
'body_text: is there, or body_html, until archiving removes both, with metadata and warnings';

CALL operations.protect(
    'inbox.message_versions', rows => 'tenant',
    shown => '{message_id,version,sent_at,created_at,redacted_at}',
    fixed => '{message_id,version,subject,sent_at,created_at}',
    redacted => '{body_text,body_html,metadata,warnings}'
);

CREATE FUNCTION inbox.number_version() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    message record;
BEGIN
    -- Locks the conversation first, as whoever adds a message, a draft or a decision does.
    PERFORM
    FROM inbox.conversations AS c
    INNER JOIN inbox.messages AS m
        ON m.tenant_id = NEW.tenant_id
        AND m.conversation_id = c.id
        AND m.id = NEW.message_id
    WHERE c.tenant_id = NEW.tenant_id
    FOR NO KEY UPDATE OF c;
    SELECT
        m.external_id,
        m.body_text,
        m.body_html,
        m.redacted_at
    INTO message
    FROM inbox.messages AS m
    WHERE m.tenant_id = NEW.tenant_id AND m.id = NEW.message_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such message: violates constraint "message_versions_message_fkey"'
        USING ERRCODE = 'foreign_key_violation', SCHEMA = 'inbox', CONSTRAINT = 'message_versions_message_fkey';
    END IF;
    IF message.redacted_at IS NOT NULL THEN
        RAISE EXCEPTION 'an archived message takes no other text' USING ERRCODE = 'DR001';
    END IF;
    IF (message.body_text, message.body_html) IS NOT DISTINCT FROM (NEW.body_text, NEW.body_html)
        OR EXISTS (
            SELECT FROM inbox.message_versions AS v
            WHERE v.tenant_id = NEW.tenant_id
                AND v.message_id = NEW.message_id
                AND (v.body_text, v.body_html) IS NOT DISTINCT FROM (NEW.body_text, NEW.body_html)
        )
    THEN
        RETURN NULL;
    END IF;
    UPDATE inbox.messages AS m
    SET latest_version = m.latest_version + 1
    WHERE m.tenant_id = NEW.tenant_id AND m.id = NEW.message_id
    RETURNING m.latest_version INTO NEW.version;
    NEW.warnings := NEW.warnings || jsonb_build_array(
        jsonb_build_object(
            'field', 'external_id',
            'message', format('is known with another text: this one is kept as version %s', NEW.version),
            'given', message.external_id
        )
    );
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION inbox.number_version() IS
'BEFORE INSERT on message_versions: gives the next version, whoever inserts. A text that the message has already is not
kept again.';

CREATE TRIGGER number_version BEFORE INSERT ON inbox.message_versions
FOR EACH ROW EXECUTE FUNCTION inbox.number_version();

-- Attachments ---------------------------------------------------------------------------------------

CREATE TABLE inbox.attachments (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    message_id uuid,
    draft_id uuid,
    file_name text NOT NULL,
    mime_type text NOT NULL,
    size_bytes bigint,
    object_key text NOT NULL,
    external_id text,
    url text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT attachments_message_fkey FOREIGN KEY (tenant_id, message_id)
    REFERENCES inbox.messages (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT attachments_subject_check CHECK (num_nonnulls(message_id, draft_id) = 1),
    CONSTRAINT attachments_file_name_check
    CHECK (NOT operations.is_blank(file_name) AND length(file_name) <= 255),
    CONSTRAINT attachments_mime_type_check CHECK (
        mime_type ~ '^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+([ \t]*;[^[:cntrl:]]*)?$'
        AND octet_length(mime_type) <= 255
    ),
    CONSTRAINT attachments_size_bytes_check CHECK (size_bytes >= 0),
    CONSTRAINT attachments_object_key_check
    CHECK (NOT operations.is_blank(object_key) AND octet_length(object_key) <= 1024),
    CONSTRAINT attachments_external_id_check
    CHECK (NOT operations.is_blank(external_id) AND octet_length(external_id) <= 1024),
    CONSTRAINT attachments_url_check CHECK (
        url ~* '^(https?|ftps?|sftp|s3|gs)://[^[:space:][:cntrl:]]+$' AND octet_length(url) <= 2048
    )
);

COMMENT ON TABLE inbox.attachments IS
'Where files of messages and drafts lie in object storage; the files themselves are not here.';
COMMENT ON COLUMN inbox.attachments.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN inbox.attachments.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN inbox.attachments.message_id IS
'The message that the file belongs to; NULL when it belongs to a draft.';
COMMENT ON COLUMN inbox.attachments.draft_id IS
'The draft that the file belongs to; NULL when it belongs to a message.';
COMMENT ON COLUMN inbox.attachments.file_name IS
'What the file is called for people; 1 to 255 characters.';
COMMENT ON COLUMN inbox.attachments.mime_type IS
'The media type, as whoever attached the file says: image/png for example.';
COMMENT ON COLUMN inbox.attachments.size_bytes IS
'The size in bytes, as whoever attached the file says; NULL if the channel did not.';
COMMENT ON COLUMN inbox.attachments.object_key IS
'The key in object storage, from which readers sign a URL of their own: a signed one would expire here.';
COMMENT ON COLUMN inbox.attachments.external_id IS
'What the channel calls the file: told again, under whatever key, it is noted once. NULL if it has no name.';
COMMENT ON COLUMN inbox.attachments.url IS 'A lasting URL, if the file has one.';
COMMENT ON COLUMN inbox.attachments.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON CONSTRAINT attachments_message_fkey ON inbox.attachments IS
'message_id: there is no such message';
COMMENT ON CONSTRAINT attachments_subject_check ON inbox.attachments IS
'message_id: a file belongs to a message or to a draft';
COMMENT ON CONSTRAINT attachments_file_name_check ON inbox.attachments IS
'file_name: must have 1 to 255 characters that are not blank';
COMMENT ON CONSTRAINT attachments_mime_type_check ON inbox.attachments IS
'mime_type: must be a media type such as image/png, or text/calendar; method=REQUEST';
COMMENT ON CONSTRAINT attachments_size_bytes_check ON inbox.attachments IS
'size_bytes: must not be negative';
COMMENT ON CONSTRAINT attachments_object_key_check ON inbox.attachments IS
'object_key: must not be blank, and at most 1024 bytes';
COMMENT ON CONSTRAINT attachments_external_id_check ON inbox.attachments IS
'external_id: must not be blank, and at most 1024 bytes';
COMMENT ON CONSTRAINT attachments_url_check ON inbox.attachments IS
'url: must be of http, https, ftp, ftps, sftp, s3 or gs, and at most 2048 bytes';

CREATE INDEX attachments_message ON inbox.attachments (tenant_id, message_id, id);
CREATE INDEX attachments_draft ON inbox.attachments (tenant_id, draft_id, id);
CREATE UNIQUE INDEX attachments_object_key
ON inbox.attachments (tenant_id, message_id, draft_id, object_key) NULLS NOT DISTINCT;
COMMENT ON INDEX inbox.attachments_object_key IS 'object_key: is noted already';
CREATE UNIQUE INDEX attachments_external_id
ON inbox.attachments (tenant_id, message_id, draft_id, external_id) NULLS NOT DISTINCT
WHERE external_id IS NOT NULL;
COMMENT ON INDEX inbox.attachments_external_id IS 'external_id: is noted already';

CALL operations.protect(
    'inbox.attachments', rows => 'tenant',
    shown => '{message_id,draft_id,size_bytes,created_at}',
    writes => '{INSERT}'
);
