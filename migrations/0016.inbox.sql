-- What came in is a fact: the inbox takes it, with what had to be changed told; and nothing stale goes out.
-- depends: 0015.operations

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Channels and conversations --------------------------------------------------------------------------

ALTER TABLE inbox.channels DROP CONSTRAINT channels_external_id_check;
ALTER TABLE inbox.channels ADD CONSTRAINT channels_external_id_check
CHECK (btrim(external_id, E' \t\r\n') <> '' AND octet_length(external_id) <= 1024);
COMMENT ON CONSTRAINT channels_external_id_check ON inbox.channels IS
'external_id: must not be blank, and at most 1024 bytes';

ALTER TABLE inbox.conversations ADD COLUMN last_message_id uuid;
ALTER TABLE inbox.conversations DROP CONSTRAINT conversations_external_id_check;
ALTER TABLE inbox.conversations ADD CONSTRAINT conversations_external_id_check
CHECK (btrim(external_id, E' \t\r\n') <> '' AND octet_length(external_id) <= 1024);
COMMENT ON COLUMN inbox.conversations.customer_email IS
'The customer''s address as the channel tells it, whatever it looks like.';
COMMENT ON COLUMN inbox.conversations.last_message_id IS
'The message that came last, whenever it was sent; kept by inbox.note_message().';
COMMENT ON CONSTRAINT conversations_external_id_check ON inbox.conversations IS
'external_id: must not be blank, and at most 1024 bytes';

-- Messages --------------------------------------------------------------------------------------------

ALTER TABLE inbox.messages ADD COLUMN warnings jsonb NOT NULL DEFAULT '[]';
ALTER TABLE inbox.messages ADD COLUMN latest_version bigint NOT NULL DEFAULT 1;
ALTER TABLE inbox.messages DROP CONSTRAINT messages_external_id_check;
ALTER TABLE inbox.messages ADD CONSTRAINT messages_external_id_check
CHECK (btrim(external_id, E' \t\r\n') <> '' AND octet_length(external_id) <= 1024);
ALTER TABLE inbox.messages ADD CONSTRAINT messages_warnings_check
CHECK (jsonb_typeof(warnings) = 'array' AND octet_length(warnings::text) < 65536);
ALTER TABLE inbox.messages DROP CONSTRAINT messages_redacted_check;
ALTER TABLE inbox.messages ADD CONSTRAINT messages_redacted_check CHECK (
    (num_nonnulls(body_text, body_html) = 0) = (redacted_at IS NOT NULL)
    AND (redacted_at IS NULL OR (metadata = '{}' AND warnings = '[]'))
);
COMMENT ON COLUMN inbox.messages.body_text IS
'Plain text, at most 256 KB; NULL if it has HTML only, or once archiving removed it.';
COMMENT ON COLUMN inbox.messages.warnings IS
'What was changed for it to be stored, a list of {"field", "message", "given"}; empty once archived.';
COMMENT ON COLUMN inbox.messages.latest_version IS
'1, or the number of the latest of its inbox.message_versions; kept by inbox.number_version().';
COMMENT ON CONSTRAINT messages_external_id_check ON inbox.messages IS
'external_id: must not be blank, and at most 1024 bytes';
COMMENT ON CONSTRAINT messages_warnings_check ON inbox.messages IS 'warnings: must be a list under 64 KB';
COMMENT ON CONSTRAINT messages_redacted_check ON inbox.messages IS
'body_text: is there, or body_html, until archiving removes both, with metadata and warnings';

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

CREATE TRIGGER date_message BEFORE INSERT ON inbox.messages
FOR EACH ROW WHEN (new.sent_at > now() + interval '1 day') EXECUTE FUNCTION inbox.date_message();

CREATE OR REPLACE FUNCTION inbox.note_message() RETURNS trigger
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
'AFTER INSERT on messages: keeps which message came last, and the times by which conversations are ordered, whoever
wrote the message; refuses one to a conversation that is archived.';

-- Other texts of a message ----------------------------------------------------------------------------

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
    redacted_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT message_versions_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT message_versions_message_fkey FOREIGN KEY (tenant_id, message_id)
    REFERENCES inbox.messages (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT message_versions_version_key UNIQUE (tenant_id, message_id, version),
    CONSTRAINT message_versions_version_check CHECK (version > 1),
    CONSTRAINT message_versions_subject_check CHECK (length(subject) <= 1000),
    CONSTRAINT message_versions_body_text_check CHECK (octet_length(body_text) <= 262144),
    CONSTRAINT message_versions_body_html_check CHECK (octet_length(body_html) <= 524288),
    CONSTRAINT message_versions_metadata_check CHECK (octet_length(metadata::text) < 65536),
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
COMMENT ON COLUMN inbox.message_versions.version IS
'2, 3, 4 within the message, without gap; given by inbox.number_version().';
COMMENT ON COLUMN inbox.message_versions.warnings IS 'As of messages.';
COMMENT ON COLUMN inbox.message_versions.sent_at IS 'What the channel said with this text.';
COMMENT ON COLUMN inbox.message_versions.redacted_at IS
'When archiving removed bodies, metadata and warnings.';
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
'metadata: must be under 64 KB';
COMMENT ON CONSTRAINT message_versions_warnings_check ON inbox.message_versions IS
'warnings: must be a list under 64 KB';
COMMENT ON CONSTRAINT message_versions_redacted_check ON inbox.message_versions IS
'body_text: is there, or body_html, until archiving removes both, with metadata and warnings';

ALTER TABLE inbox.message_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox.message_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON inbox.message_versions
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

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
        RAISE EXCEPTION 'no such message'
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
CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON inbox.message_versions
FOR EACH ROW EXECUTE FUNCTION operations.record_event(
    'inbox.message_versions', '{subject,body_text,body_html,metadata,warnings}'
);

-- Attachments -----------------------------------------------------------------------------------------

ALTER TABLE inbox.attachments ADD COLUMN external_id text;
ALTER TABLE inbox.attachments ALTER COLUMN size_bytes DROP NOT NULL;
ALTER TABLE inbox.attachments ADD CONSTRAINT attachments_external_id_check
CHECK (btrim(external_id, E' \t\r\n') <> '' AND octet_length(external_id) <= 1024);
ALTER TABLE inbox.attachments DROP CONSTRAINT attachments_object_key_check;
ALTER TABLE inbox.attachments ADD CONSTRAINT attachments_object_key_check
CHECK (btrim(object_key, E' \t\r\n') <> '' AND octet_length(object_key) <= 1024);
ALTER TABLE inbox.attachments DROP CONSTRAINT attachments_mime_type_check;
ALTER TABLE inbox.attachments ADD CONSTRAINT attachments_mime_type_check CHECK (
    mime_type ~ '^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+([ \t]*;[^[:cntrl:]]*)?$' AND length(mime_type) <= 255
);
ALTER TABLE inbox.attachments DROP CONSTRAINT attachments_url_check;
ALTER TABLE inbox.attachments ADD CONSTRAINT attachments_url_check CHECK (
    url ~* '^(https?|ftps?|sftp|s3|gs)://[^[:space:][:cntrl:]]+$' AND octet_length(url) <= 2048
);
COMMENT ON COLUMN inbox.attachments.external_id IS
'What the channel calls the file: posted again, under whatever key, it is noted once.';
COMMENT ON COLUMN inbox.attachments.size_bytes IS 'NULL if the channel did not tell.';
COMMENT ON CONSTRAINT attachments_external_id_check ON inbox.attachments IS
'external_id: must not be blank, and at most 1024 bytes';
COMMENT ON CONSTRAINT attachments_object_key_check ON inbox.attachments IS
'object_key: must not be blank, and at most 1024 bytes';
COMMENT ON CONSTRAINT attachments_mime_type_check ON inbox.attachments IS
'mime_type: must be a media type such as image/png or text/calendar; method=REQUEST';
COMMENT ON CONSTRAINT attachments_url_check ON inbox.attachments IS
'url: must be of http, https, ftp, ftps, sftp, s3 or gs, and at most 2048 bytes';

CREATE UNIQUE INDEX attachments_object_key ON inbox.attachments (tenant_id, message_id, draft_id, object_key)
NULLS NOT DISTINCT;
CREATE UNIQUE INDEX attachments_external_id ON inbox.attachments (tenant_id, message_id, draft_id, external_id)
NULLS NOT DISTINCT WHERE external_id IS NOT NULL;
COMMENT ON INDEX inbox.attachments_object_key IS 'object_key: is noted already';
COMMENT ON INDEX inbox.attachments_external_id IS 'external_id: is noted already';

CREATE FUNCTION drafts.require_pending_draft() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    draft_status text;
BEGIN
    -- Locks out the decision until the file is there to be seen by it.
    SELECT d.status INTO draft_status
    FROM drafts.drafts AS d
    WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.draft_id
    FOR SHARE;
    IF draft_status <> 'pending' THEN
        RAISE EXCEPTION 'a draft that is % takes no files', draft_status USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.require_pending_draft() IS
'BEFORE INSERT on attachments of drafts: they go out with the reply, so whoever approves must see them.';

CREATE TRIGGER require_pending_draft BEFORE INSERT ON inbox.attachments
FOR EACH ROW WHEN (new.draft_id IS NOT NULL) EXECUTE FUNCTION drafts.require_pending_draft();

-- Nothing stale goes out ------------------------------------------------------------------------------

ALTER TABLE identity.tenants ADD COLUMN overtaken_replies text NOT NULL DEFAULT 'hold';
ALTER TABLE identity.tenants ADD CONSTRAINT tenants_overtaken_replies_check
CHECK (overtaken_replies IN ('hold', 'send'));
COMMENT ON COLUMN identity.tenants.overtaken_replies IS
'What becomes of a reply on its way out when the customer writes again: held until a person releases it, or sent.';
COMMENT ON CONSTRAINT tenants_overtaken_replies_check ON identity.tenants IS
'overtaken_replies: must be hold or send';

ALTER TABLE operations.notifications DROP CONSTRAINT notifications_type_check;
ALTER TABLE operations.notifications ADD CONSTRAINT notifications_type_check CHECK (
    type IN (
        'draft_ready',
        'delivery_unknown',
        'delivery_failed',
        'reply_held',
        'reply_not_recalled',
        'job_failed',
        'ingest_failed'
    )
);
COMMENT ON CONSTRAINT notifications_type_check ON operations.notifications IS
'type: must be draft_ready, delivery_unknown, delivery_failed, reply_held, reply_not_recalled, job_failed or ingest_failed';

ALTER TABLE drafts.drafts ADD COLUMN superseded_reason text;
ALTER TABLE drafts.drafts ADD CONSTRAINT drafts_superseded_reason_check CHECK (
    superseded_reason IS NULL
    OR (superseded_reason IN ('answered_upstream', 'conversation_closed') AND status IN ('superseded', 'archived'))
);
COMMENT ON COLUMN drafts.drafts.superseded_reason IS
'What happened upstream; NULL if a newer draft or a person superseded it.';
COMMENT ON CONSTRAINT drafts_superseded_reason_check ON drafts.drafts IS
'superseded_reason: must be answered_upstream or conversation_closed, of a superseded draft';

ALTER TABLE drafts.scheduled_replies ADD COLUMN hold_reason text;
ALTER TABLE drafts.scheduled_replies ADD COLUMN to_closed boolean NOT NULL DEFAULT false;
ALTER TABLE drafts.scheduled_replies ADD CONSTRAINT scheduled_replies_hold_reason_check CHECK (
    hold_reason IS NULL
    OR (hold_reason IN ('new_message', 'answered_upstream', 'conversation_closed') AND status <> 'scheduled')
);
ALTER TABLE drafts.scheduled_replies ADD CONSTRAINT scheduled_replies_sent_at_check CHECK (
    sent_at >= created_at AND sent_at - updated_at <= interval '24 hours'
);
COMMENT ON COLUMN drafts.scheduled_replies.hold_reason IS
'What happened in the conversation since it was approved: it does not go out, or not again, before a person releases it.';
COMMENT ON COLUMN drafts.scheduled_replies.to_closed IS
'Whoever approved or released it said that it goes out though the conversation is closed.';
COMMENT ON CONSTRAINT scheduled_replies_sent_check ON drafts.scheduled_replies IS
'external_id: a sent reply has sent_at and external_id, to a conversation also message_id of an outbound message; no other has';
COMMENT ON CONSTRAINT scheduled_replies_hold_reason_check ON drafts.scheduled_replies IS
'hold_reason: must be new_message, answered_upstream or conversation_closed; who schedules the reply removes it';
COMMENT ON CONSTRAINT scheduled_replies_sent_at_check ON drafts.scheduled_replies IS
'sent_at: must be after the approval, and at most a day ahead';

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES ('drafts.scheduled_replies', 'claimed', 'held');

CREATE FUNCTION drafts.hold_replies(tenant_id uuid, conversation_id uuid, reason text) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    WITH overtaken AS (
        UPDATE drafts.scheduled_replies AS r
        SET
            status = CASE r.status WHEN 'scheduled' THEN 'held' ELSE r.status END,
            scheduled_for = CASE r.status WHEN 'scheduled' THEN NULL ELSE r.scheduled_for END,
            hold_reason = hold_replies.reason
        WHERE r.tenant_id = hold_replies.tenant_id
            AND r.conversation_id = hold_replies.conversation_id
            AND r.status IN ('held', 'scheduled', 'claimed', 'unknown')
            AND r.hold_reason IS DISTINCT FROM hold_replies.reason
        RETURNING
            r.id,
            r.draft_id,
            r.status
    )

    INSERT INTO operations.notifications (tenant_id, type, payload)
    SELECT
        hold_replies.tenant_id,
        CASE overtaken.status WHEN 'held' THEN 'reply_held' ELSE 'reply_not_recalled' END,
        jsonb_build_object(
            'scheduled_reply_id', overtaken.id,
            'draft_id', overtaken.draft_id,
            'conversation_id', hold_replies.conversation_id,
            'reason', hold_replies.reason
        )
    FROM overtaken;
END;

COMMENT ON FUNCTION drafts.hold_replies(uuid, uuid, text) IS
'Holds the reply of a conversation that is held or scheduled, and tells the people. One that a worker has claimed is
not recalled; that is told as well, and it is held if the worker did not send it. Whoever calls it has locked the
conversation.';

CREATE FUNCTION drafts.set_aside(tenant_id uuid, conversation_id uuid, reason text) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    UPDATE drafts.drafts AS d
    SET
        status = 'superseded',
        superseded_reason = set_aside.reason
    WHERE d.tenant_id = set_aside.tenant_id
        AND d.conversation_id = set_aside.conversation_id
        AND d.status = 'pending';

    -- Whoever has locked a job has just claimed or cancelled it, and may wait for the conversation: not for them.
    WITH queued AS (
        SELECT j.id
        FROM inbox.messages AS m
        INNER JOIN operations.jobs AS j
            ON j.tenant_id = set_aside.tenant_id
            AND j.type = 'draft'
            AND j.unique_key = m.id::text
            AND j.status = 'queued'
        WHERE m.tenant_id = set_aside.tenant_id
            AND m.conversation_id = set_aside.conversation_id
        FOR UPDATE OF j SKIP LOCKED
    )

    UPDATE operations.jobs AS j
    SET
        status = 'cancelled',
        finished_at = now()
    FROM queued
    WHERE j.tenant_id = set_aside.tenant_id
        AND j.id = queued.id;
END;

COMMENT ON FUNCTION drafts.set_aside(uuid, uuid, text) IS
'Supersedes the pending draft of a conversation, and cancels the requests for a draft that no worker has claimed.
Whoever calls it has locked the conversation.';

CREATE FUNCTION drafts.heed_message() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.direction = 'inbound' THEN
        IF EXISTS (
            SELECT FROM identity.tenants AS t
            WHERE t.id = NEW.tenant_id AND t.overtaken_replies = 'hold'
        ) THEN
            PERFORM drafts.hold_replies(NEW.tenant_id, NEW.conversation_id, 'new_message');
        END IF;
    ELSIF NOT EXISTS (
        -- The customer has written since.
        SELECT FROM inbox.conversations AS c
        WHERE c.tenant_id = NEW.tenant_id
            AND c.id = NEW.conversation_id
            AND c.last_inbound_at > NEW.sent_at
    ) AND NOT EXISTS (
        -- It is the reply itself: just confirmed, or told by the channel before the worker reports.
        SELECT FROM drafts.scheduled_replies AS r
        WHERE r.tenant_id = NEW.tenant_id
            AND r.conversation_id = NEW.conversation_id
            AND (r.status IN ('claimed', 'unknown') OR r.message_id = NEW.id)
    ) THEN
        PERFORM drafts.hold_replies(NEW.tenant_id, NEW.conversation_id, 'answered_upstream');
        PERFORM drafts.set_aside(NEW.tenant_id, NEW.conversation_id, 'answered_upstream');
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.heed_message() IS
'AFTER INSERT on messages, whoever wrote the message: what the customer writes holds the reply that is on its way, if
the tenant wants that; an answer that was given upstream does so, too, and sets the draft aside.';

-- Called so that it fires after note_message, which has locked the conversation.
CREATE TRIGGER spot_stale AFTER INSERT ON inbox.messages
FOR EACH ROW WHEN (new.direction IN ('inbound', 'outbound')) EXECUTE FUNCTION drafts.heed_message();

CREATE FUNCTION drafts.heed_version() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    conversation uuid;
BEGIN
    SELECT m.conversation_id INTO conversation
    FROM inbox.messages AS m
    INNER JOIN identity.tenants AS t ON t.id = NEW.tenant_id
    WHERE m.tenant_id = NEW.tenant_id
        AND m.id = NEW.message_id
        AND m.direction = 'inbound'
        AND t.overtaken_replies = 'hold';
    IF FOUND THEN
        PERFORM drafts.hold_replies(NEW.tenant_id, conversation, 'new_message');
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.heed_version() IS
'AFTER INSERT on message_versions: a customer''s message that says something else now holds the reply as a new one does.';

CREATE TRIGGER spot_stale AFTER INSERT ON inbox.message_versions
FOR EACH ROW EXECUTE FUNCTION drafts.heed_version();

CREATE FUNCTION drafts.heed_closing() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM drafts.hold_replies(NEW.tenant_id, NEW.id, 'conversation_closed');
    PERFORM drafts.set_aside(NEW.tenant_id, NEW.id, 'conversation_closed');
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.heed_closing() IS
'AFTER a conversation was closed or archived, by whoever: its reply is held, its draft set aside.';

CREATE TRIGGER spot_stale AFTER UPDATE ON inbox.conversations
FOR EACH ROW WHEN (old.status <> new.status AND new.status <> 'open')
EXECUTE FUNCTION drafts.heed_closing();

CREATE FUNCTION drafts.hold_again() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.status := 'held';
    NEW.scheduled_for := NULL;
    INSERT INTO operations.notifications (tenant_id, type, payload)
    VALUES (
        NEW.tenant_id,
        'reply_held',
        jsonb_build_object(
            'scheduled_reply_id', NEW.id,
            'draft_id', NEW.draft_id,
            'conversation_id', NEW.conversation_id,
            'reason', NEW.hold_reason
        )
    );
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.hold_again() IS
'BEFORE a reply that was not sent is scheduled for another try: it is held instead, if the conversation has gone on.';

CREATE TRIGGER hold_again BEFORE UPDATE ON drafts.scheduled_replies
FOR EACH ROW WHEN (old.status = 'claimed' AND new.status = 'scheduled' AND new.hold_reason IS NOT NULL)
EXECUTE FUNCTION drafts.hold_again();

CREATE OR REPLACE FUNCTION drafts.require_kept_conversation() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    conversation_status text;
BEGIN
    -- Locks out closing and archiving until the reply is there to be seen by them. One that is held is there: who closes
    -- the conversation waits for it, so it must not wait for them.
    IF TG_OP = 'INSERT' OR OLD.status = 'failed' THEN
        PERFORM
        FROM inbox.conversations AS c
        WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.conversation_id
        FOR SHARE;
    END IF;
    SELECT c.status INTO conversation_status
    FROM inbox.conversations AS c
    WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.conversation_id;
    IF conversation_status = 'archived' THEN
        RAISE EXCEPTION 'an archived conversation takes no replies' USING ERRCODE = 'DR001';
    END IF;
    IF conversation_status = 'closed' AND NOT NEW.to_closed THEN
        RAISE EXCEPTION 'the conversation is closed: to send a reply to it, say confirm_closed' USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.require_kept_conversation() IS
'BEFORE INSERT on scheduled_replies, and before one that is held or has failed is taken up again: refuses a reply to a
conversation that is archived, and to a closed one without the word of who approved or released it.';

CREATE OR REPLACE TRIGGER require_kept_conversation_again BEFORE UPDATE ON drafts.scheduled_replies
FOR EACH ROW WHEN (
    (old.status = 'failed' AND new.status IN ('held', 'scheduled')) OR (old.status = 'held' AND new.status = 'scheduled')
)
EXECUTE FUNCTION drafts.require_kept_conversation();

CREATE FUNCTION drafts.require_outbound_message() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM inbox.messages AS m
        WHERE m.tenant_id = NEW.tenant_id AND m.id = NEW.message_id AND m.direction <> 'outbound'
    ) THEN
        RAISE EXCEPTION 'the message that was sent came in'
        USING ERRCODE = 'check_violation', SCHEMA = 'drafts', CONSTRAINT = 'scheduled_replies_sent_check';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.require_outbound_message() IS
'BEFORE a reply is confirmed: what the customer or the system wrote is not what was sent.';

CREATE TRIGGER require_outbound_message BEFORE UPDATE ON drafts.scheduled_replies
FOR EACH ROW WHEN (new.message_id IS NOT NULL AND old.message_id IS DISTINCT FROM new.message_id)
EXECUTE FUNCTION drafts.require_outbound_message();
