-- Files of messages and drafts; the files themselves are in object storage.
-- depends: 0005.drafts

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE inbox.attachments (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    message_id uuid,
    draft_id uuid,
    file_name text NOT NULL,
    mime_type text NOT NULL,
    size_bytes bigint NOT NULL,
    object_key text NOT NULL,
    url text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT attachments_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT attachments_message_fkey FOREIGN KEY (tenant_id, message_id)
    REFERENCES inbox.messages (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT attachments_draft_fkey FOREIGN KEY (tenant_id, draft_id)
    REFERENCES drafts.drafts (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT attachments_subject_check CHECK (num_nonnulls(message_id, draft_id) = 1),
    CONSTRAINT attachments_file_name_check
    CHECK (btrim(file_name) <> '' AND length(file_name) <= 255),
    CONSTRAINT attachments_mime_type_check CHECK (mime_type LIKE '_%/_%' AND length(mime_type) <= 255),
    CONSTRAINT attachments_size_bytes_check CHECK (size_bytes >= 0),
    CONSTRAINT attachments_object_key_check
    CHECK (object_key <> '' AND octet_length(object_key) <= 1024),
    CONSTRAINT attachments_url_check CHECK (url <> '' AND octet_length(url) <= 2048)
);

COMMENT ON TABLE inbox.attachments IS
'Where files of messages and drafts lie in object storage; the files themselves are not here.';
COMMENT ON COLUMN inbox.attachments.object_key IS
'The key in object storage, from which readers sign a URL of their own: a signed one would expire here.';
COMMENT ON COLUMN inbox.attachments.url IS 'A lasting URL, if the file has one.';
COMMENT ON CONSTRAINT attachments_message_fkey ON inbox.attachments IS
'message_id: there is no such message';
COMMENT ON CONSTRAINT attachments_draft_fkey ON inbox.attachments IS 'draft_id: there is no such draft';
COMMENT ON CONSTRAINT attachments_subject_check ON inbox.attachments IS
'message_id: a file belongs to a message or to a draft';
COMMENT ON CONSTRAINT attachments_file_name_check ON inbox.attachments IS
'file_name: must have 1 to 255 characters that are not blank';
COMMENT ON CONSTRAINT attachments_mime_type_check ON inbox.attachments IS
'mime_type: must be a media type such as image/png';
COMMENT ON CONSTRAINT attachments_size_bytes_check ON inbox.attachments IS
'size_bytes: must not be negative';
COMMENT ON CONSTRAINT attachments_object_key_check ON inbox.attachments IS
'object_key: must have 1 to 1024 bytes';
COMMENT ON CONSTRAINT attachments_url_check ON inbox.attachments IS 'url: must have 1 to 2048 bytes';

CREATE INDEX attachments_message ON inbox.attachments (tenant_id, message_id, created_at, id);
CREATE INDEX attachments_draft ON inbox.attachments (tenant_id, draft_id, created_at, id);

ALTER TABLE inbox.attachments ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox.attachments FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON inbox.attachments
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON inbox.attachments
FOR EACH ROW EXECUTE FUNCTION operations.record_event('inbox.attachments');
