-- What keeps it running: jobs, notifications, source documents, idempotency keys.
-- depends: 0002.identity

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Jobs ------------------------------------------------------------------------------------------------

CREATE TABLE operations.jobs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    type text NOT NULL,
    unique_key text,
    status text NOT NULL DEFAULT 'queued',
    priority integer NOT NULL DEFAULT 0,
    payload jsonb NOT NULL DEFAULT '{}',
    run_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 5,
    locked_by text,
    lease_id uuid,
    lease_expires_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    error text,
    metrics jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT jobs_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT jobs_unique_key UNIQUE (tenant_id, type, unique_key),
    CONSTRAINT jobs_type_check
    CHECK (type IN ('draft', 'crawl', 'ingest_goldens', 'corrections_sync')),
    CONSTRAINT jobs_status_check
    CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT jobs_priority_check CHECK (priority BETWEEN -100 AND 100),
    CONSTRAINT jobs_attempts_check CHECK (max_attempts BETWEEN 1 AND 100 AND attempts >= 0),
    CONSTRAINT jobs_lease_check CHECK (
        (status = 'running') = (lease_expires_at IS NOT NULL)
        AND (status <> 'running' OR (lease_id IS NOT NULL AND locked_by IS NOT NULL))
    ),
    CONSTRAINT jobs_finished_check
    CHECK ((status IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
    CONSTRAINT jobs_error_check CHECK (status <> 'failed' OR error IS NOT NULL),
    CONSTRAINT jobs_payload_check CHECK (octet_length(payload::text) < 65536),
    CONSTRAINT jobs_metrics_check CHECK (octet_length(metrics::text) < 65536)
);

COMMENT ON TABLE operations.jobs IS 'Work for workers: claimed under a lease, rescued when it runs out.';
COMMENT ON COLUMN operations.jobs.unique_key IS
'At most one job of a type has this key, for example the message that a draft is asked for.';
COMMENT ON COLUMN operations.jobs.priority IS 'Higher goes first.';
COMMENT ON COLUMN operations.jobs.lease_id IS
'New for each claim: who reports with an older one has lost the job.';
COMMENT ON CONSTRAINT jobs_unique_key ON operations.jobs IS 'unique_key: such a job exists';
COMMENT ON CONSTRAINT jobs_type_check ON operations.jobs IS
'type: must be draft, crawl, ingest_goldens or corrections_sync';
COMMENT ON CONSTRAINT jobs_status_check ON operations.jobs IS
'status: must be queued, running, succeeded, failed or cancelled';
COMMENT ON CONSTRAINT jobs_priority_check ON operations.jobs IS 'priority: must be from -100 to 100';
COMMENT ON CONSTRAINT jobs_attempts_check ON operations.jobs IS 'max_attempts: must be from 1 to 100';
COMMENT ON CONSTRAINT jobs_lease_check ON operations.jobs IS
'lease_expires_at: a running job has a lease, no other has';
COMMENT ON CONSTRAINT jobs_finished_check ON operations.jobs IS
'finished_at: a job in a final status has it, no other has';
COMMENT ON CONSTRAINT jobs_error_check ON operations.jobs IS 'error: a failed job says why';
COMMENT ON CONSTRAINT jobs_payload_check ON operations.jobs IS 'payload: must be under 64 KB';
COMMENT ON CONSTRAINT jobs_metrics_check ON operations.jobs IS 'metrics: must be under 64 KB';

CREATE INDEX jobs_due ON operations.jobs (tenant_id, type, priority DESC, run_at, id)
WHERE status = 'queued';
CREATE INDEX jobs_leased ON operations.jobs (tenant_id, lease_expires_at) WHERE status = 'running';
CREATE INDEX jobs_created ON operations.jobs (tenant_id, created_at, id);
CREATE INDEX jobs_status ON operations.jobs (tenant_id, status, created_at, id);
CREATE INDEX jobs_type_status ON operations.jobs (tenant_id, type, status, created_at, id);

ALTER TABLE operations.jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE operations.jobs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON operations.jobs
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('operations.jobs', 'new', 'queued'),
('operations.jobs', 'queued', 'running'),
('operations.jobs', 'queued', 'cancelled'),
('operations.jobs', 'running', 'queued'),
('operations.jobs', 'running', 'succeeded'),
('operations.jobs', 'running', 'failed'),
('operations.jobs', 'failed', 'queued');

CREATE TRIGGER check_transition_on_insert BEFORE INSERT ON operations.jobs
FOR EACH ROW EXECUTE FUNCTION operations.check_transition('operations.jobs');
CREATE TRIGGER check_transition_on_update BEFORE UPDATE ON operations.jobs
FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status)
EXECUTE FUNCTION operations.check_transition('operations.jobs');

-- Notifications ---------------------------------------------------------------------------------------

CREATE TABLE operations.notifications (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    user_id uuid,
    type text NOT NULL,
    payload jsonb NOT NULL DEFAULT '{}',
    read_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT notifications_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT notifications_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT notifications_type_check CHECK (
        type IN ('draft_ready', 'delivery_unknown', 'delivery_failed', 'job_failed', 'ingest_failed')
    ),
    CONSTRAINT notifications_payload_check CHECK (octet_length(payload::text) < 65536)
);

COMMENT ON TABLE operations.notifications IS 'The feed of what a person should look at.';
COMMENT ON COLUMN operations.notifications.user_id IS
'For whom; NULL is for everyone of the tenant, and read once for all of them.';
COMMENT ON CONSTRAINT notifications_user_fkey ON operations.notifications IS
'user_id: there is no such user';
COMMENT ON CONSTRAINT notifications_type_check ON operations.notifications IS
'type: must be draft_ready, delivery_unknown, delivery_failed, job_failed or ingest_failed';
COMMENT ON CONSTRAINT notifications_payload_check ON operations.notifications IS
'payload: must be under 64 KB';

CREATE INDEX notifications_created ON operations.notifications (tenant_id, created_at, id);
CREATE INDEX notifications_of_user ON operations.notifications (tenant_id, user_id, created_at, id);
CREATE INDEX notifications_unread ON operations.notifications (tenant_id, created_at, id)
WHERE read_at IS NULL;

ALTER TABLE operations.notifications ENABLE ROW LEVEL SECURITY;
ALTER TABLE operations.notifications FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON operations.notifications
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON operations.notifications
FOR EACH ROW EXECUTE FUNCTION operations.record_event('operations.notifications');

-- Source documents ------------------------------------------------------------------------------------

CREATE TABLE operations.source_documents (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    source_url text NOT NULL,
    title text,
    hash text,
    indexed_at timestamptz NOT NULL,
    next_refresh_at timestamptz,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT source_documents_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT source_documents_source_url_key UNIQUE (tenant_id, source_url),
    CONSTRAINT source_documents_source_url_check
    CHECK (source_url <> '' AND octet_length(source_url) <= 2048),
    CONSTRAINT source_documents_metadata_check CHECK (octet_length(metadata::text) < 65536)
);

COMMENT ON TABLE operations.source_documents IS
'Mirror of what the vector store has indexed, so that a draft''s sources show where they come from and how fresh.';
COMMENT ON CONSTRAINT source_documents_source_url_key ON operations.source_documents IS
'source_url: is known already';
COMMENT ON CONSTRAINT source_documents_source_url_check ON operations.source_documents IS
'source_url: must have 1 to 2048 bytes';
COMMENT ON CONSTRAINT source_documents_metadata_check ON operations.source_documents IS
'metadata: must be under 64 KB';

CREATE INDEX source_documents_created ON operations.source_documents (tenant_id, created_at, id);

ALTER TABLE operations.source_documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE operations.source_documents FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON operations.source_documents
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TRIGGER touch BEFORE UPDATE ON operations.source_documents
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION operations.touch();
CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON operations.source_documents
FOR EACH ROW EXECUTE FUNCTION operations.record_event('operations.source_documents');

-- Idempotency keys ------------------------------------------------------------------------------------

CREATE TABLE operations.idempotency_keys (
    tenant_id uuid NOT NULL,
    caller text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status integer,
    headers jsonb,
    body bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, caller, key),
    CONSTRAINT idempotency_keys_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT idempotency_keys_headers_check CHECK (octet_length(headers::text) < 65536)
);

COMMENT ON TABLE operations.idempotency_keys IS
'The answer to each POST that came with an Idempotency-Key, written in the transaction of its change.';
COMMENT ON COLUMN operations.idempotency_keys.caller IS 'The key or user that sent the request.';
COMMENT ON COLUMN operations.idempotency_keys.request_hash IS 'SHA-256 of method, path and body.';
COMMENT ON CONSTRAINT idempotency_keys_headers_check ON operations.idempotency_keys IS
'headers: must be under 64 KB';

CREATE INDEX idempotency_keys_expiry ON operations.idempotency_keys (tenant_id, expires_at);

ALTER TABLE operations.idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE operations.idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON operations.idempotency_keys
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
