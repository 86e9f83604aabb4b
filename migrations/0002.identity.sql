-- Who: tenants, their users, and the API keys of services. And the event log, which belongs to a tenant.
-- depends: 0001.foundation

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Tenants ---------------------------------------------------------------------------------------------

CREATE TABLE identity.tenants (
    id uuid PRIMARY KEY DEFAULT operations.new_id(),
    name text NOT NULL,
    decision_role text NOT NULL DEFAULT 'agent',
    self_approval boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    CONSTRAINT tenants_name_check CHECK (btrim(name) <> '' AND length(name) <= 200),
    CONSTRAINT tenants_decision_role_check CHECK (decision_role IN ('agent', 'approver'))
);

COMMENT ON TABLE identity.tenants IS 'Organizations. Every other row belongs to one of them.';
COMMENT ON COLUMN identity.tenants.decision_role IS 'The least role that may decide on a draft.';
COMMENT ON COLUMN identity.tenants.self_approval IS 'Whether the author of a draft may decide on it.';
COMMENT ON CONSTRAINT tenants_name_check ON identity.tenants IS
'name: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT tenants_decision_role_check ON identity.tenants IS
'decision_role: must be agent or approver';

ALTER TABLE identity.tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity.tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON identity.tenants
USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);

-- A tenant is erased by app_owner, with all that it has.
REVOKE DELETE ON identity.tenants FROM app_rw;

CREATE TRIGGER touch BEFORE UPDATE ON identity.tenants
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION operations.touch();

-- The event log ---------------------------------------------------------------------------------------

CREATE TABLE operations.events (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    epoch integer NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    entity text NOT NULL,
    entity_id uuid NOT NULL,
    action text NOT NULL,
    changes jsonb NOT NULL,
    actor text NOT NULL,
    role text,
    request_id text,
    ip inet,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT events_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT events_changes_check CHECK (octet_length(changes::text) < 65536)
);

COMMENT ON TABLE operations.events IS
'The one event log: audit, change feed and outbox. Append-only; written by operations.record_event().';
COMMENT ON COLUMN operations.events.xid IS
'The writing transaction. Read in the order (epoch, xid, id), below pg_snapshot_xmin(pg_current_snapshot()).';
COMMENT ON COLUMN operations.events.entity IS 'The table, with its schema.';
COMMENT ON COLUMN operations.events.action IS
'INSERT, UPDATE, DELETE, or the business word that the transaction set in app.action.';
COMMENT ON COLUMN operations.events.changes IS 'Changed columns: {"column": [before, after]}.';
COMMENT ON CONSTRAINT events_changes_check ON operations.events IS 'changes: must be under 64 KB';

CREATE INDEX events_order ON operations.events (tenant_id, epoch, xid, id);
CREATE INDEX events_of_entity ON operations.events (tenant_id, entity, entity_id, epoch, xid, id);

ALTER TABLE operations.events ENABLE ROW LEVEL SECURITY;
ALTER TABLE operations.events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON operations.events
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

REVOKE INSERT, UPDATE, DELETE ON operations.events FROM app_rw;

CREATE FUNCTION operations.refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    -- A tenant that is deleted takes its log with it.
    IF TG_OP = 'DELETE' AND NOT EXISTS (
        SELECT FROM identity.tenants AS t WHERE t.id = OLD.tenant_id
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the event log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON operations.events
FOR EACH ROW EXECUTE FUNCTION operations.refuse_change();

CREATE TRIGGER record_event AFTER INSERT OR UPDATE ON identity.tenants
FOR EACH ROW EXECUTE FUNCTION operations.record_event('identity.tenants');

-- Users -----------------------------------------------------------------------------------------------

CREATE TABLE identity.users (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    email text NOT NULL,
    display_name text NOT NULL,
    role text NOT NULL DEFAULT 'agent',
    auth_provider text,
    auth_subject text,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT users_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT users_auth_key UNIQUE (tenant_id, auth_provider, auth_subject),
    CONSTRAINT users_email_check CHECK (email LIKE '_%@_%' AND length(email) <= 320),
    CONSTRAINT users_display_name_check
    CHECK (btrim(display_name) <> '' AND length(display_name) <= 200),
    CONSTRAINT users_role_check CHECK (role IN ('viewer', 'agent', 'approver', 'admin')),
    CONSTRAINT users_auth_check CHECK ((auth_provider IS NULL) = (auth_subject IS NULL))
);

COMMENT ON TABLE identity.users IS 'People of a tenant, known by their OIDC identity.';
COMMENT ON COLUMN identity.users.auth_provider IS 'The issuer of the user''s OIDC tokens.';
COMMENT ON COLUMN identity.users.auth_subject IS 'The subject within the issuer.';
COMMENT ON COLUMN identity.users.disabled_at IS 'Since when the user may do nothing; NULL while active.';
COMMENT ON CONSTRAINT users_auth_key ON identity.users IS
'auth_subject: another user has this OIDC identity';
COMMENT ON CONSTRAINT users_email_check ON identity.users IS 'email: must be an e-mail address';
COMMENT ON CONSTRAINT users_display_name_check ON identity.users IS
'display_name: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT users_role_check ON identity.users IS
'role: must be viewer, agent, approver or admin';
COMMENT ON CONSTRAINT users_auth_check ON identity.users IS
'auth_subject: auth_provider and auth_subject go together';

CREATE UNIQUE INDEX users_email_key ON identity.users (tenant_id, lower(email));
COMMENT ON INDEX identity.users_email_key IS 'email: another user has this e-mail address';
CREATE INDEX users_created ON identity.users (tenant_id, created_at, id);

ALTER TABLE identity.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity.users FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON identity.users
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TRIGGER touch BEFORE UPDATE ON identity.users
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION operations.touch();
CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON identity.users
FOR EACH ROW EXECUTE FUNCTION operations.record_event('identity.users');

-- API keys --------------------------------------------------------------------------------------------

CREATE TABLE identity.api_keys (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    name text NOT NULL,
    prefix text NOT NULL,
    secret_hash bytea NOT NULL,
    scopes text [] NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT api_keys_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT api_keys_prefix_key UNIQUE (tenant_id, prefix),
    CONSTRAINT api_keys_name_check CHECK (btrim(name) <> '' AND length(name) <= 200),
    CONSTRAINT api_keys_scopes_check CHECK (
        cardinality(scopes) > 0
        AND scopes <@ ARRAY[
            'tenants:create', 'identity:read', 'identity:write', 'users:act',
            'intake:write', 'inbox:read', 'inbox:write',
            'drafts:read', 'drafts:write', 'drafts:decide', 'drafts:deliver', 'drafts:export',
            'jobs:read', 'jobs:write', 'jobs:work', 'events:read',
            'notifications:read', 'notifications:write', 'sources:read', 'sources:write'
        ]
    )
);

COMMENT ON TABLE identity.api_keys IS 'Credentials of services.';
COMMENT ON COLUMN identity.api_keys.prefix IS 'The public part by which a key is shown and looked up.';
COMMENT ON COLUMN identity.api_keys.secret_hash IS 'HMAC-SHA256 of the secret part, keyed by SECRET_KEY.';
COMMENT ON COLUMN identity.api_keys.last_used_at IS 'To the minute.';
COMMENT ON CONSTRAINT api_keys_prefix_key ON identity.api_keys IS 'prefix: is taken; try again';
COMMENT ON CONSTRAINT api_keys_name_check ON identity.api_keys IS
'name: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT api_keys_scopes_check ON identity.api_keys IS
'scopes: must hold one or more known scopes';

CREATE INDEX api_keys_created ON identity.api_keys (tenant_id, created_at, id);

ALTER TABLE identity.api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity.api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON identity.api_keys
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON identity.api_keys
FOR EACH ROW EXECUTE FUNCTION operations.record_event('identity.api_keys', '{secret_hash}');
