-- Who: tenants, their users, and the API keys of services.
-- depends: 0001.foundation

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA identity;

COMMENT ON SCHEMA identity IS 'Who: tenants, their users and the API keys of services.';

GRANT USAGE ON SCHEMA identity TO app_rw, app_ro;

-- Tenants -------------------------------------------------------------------------------------------

CREATE TABLE identity.tenants (
    id uuid PRIMARY KEY DEFAULT operations.new_id(),
    name text NOT NULL,
    decision_role text NOT NULL DEFAULT 'agent',
    self_approval boolean NOT NULL DEFAULT true,
    toxicity_threshold double precision NOT NULL DEFAULT 0.5,
    overtaken_replies text NOT NULL DEFAULT 'hold',
    suspended_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    CONSTRAINT tenants_name_check CHECK (NOT operations.is_blank(name) AND length(name) <= 200),
    CONSTRAINT tenants_decision_role_check CHECK (decision_role IN ('agent', 'approver')),
    CONSTRAINT tenants_toxicity_threshold_check CHECK (toxicity_threshold BETWEEN 0 AND 1),
    CONSTRAINT tenants_overtaken_replies_check CHECK (overtaken_replies IN ('hold', 'send'))
);

COMMENT ON TABLE identity.tenants IS 'Organizations. Every other row belongs to one of them.';
COMMENT ON COLUMN identity.tenants.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN identity.tenants.name IS 'What people call it; 1 to 200 characters.';
COMMENT ON COLUMN identity.tenants.decision_role IS 'The least role that may decide on a draft.';
COMMENT ON COLUMN identity.tenants.self_approval IS 'Whether the author of a draft may decide on it.';
COMMENT ON COLUMN identity.tenants.toxicity_threshold IS
'From this toxicity score on, who approves a draft must say that it is known to be toxic.';
COMMENT ON COLUMN identity.tenants.overtaken_replies IS
'Whether a reply on its way out is held when the customer writes again, until a person releases it, or sent.';
COMMENT ON COLUMN identity.tenants.suspended_at IS
'Since when the service refuses every credential of the tenant; NULL while it does not.';
COMMENT ON COLUMN identity.tenants.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN identity.tenants.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN identity.tenants.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT tenants_name_check ON identity.tenants IS
'name: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT tenants_decision_role_check ON identity.tenants IS
'decision_role: must be agent or approver';
COMMENT ON CONSTRAINT tenants_toxicity_threshold_check ON identity.tenants IS
'toxicity_threshold: must be from 0 to 1';
COMMENT ON CONSTRAINT tenants_overtaken_replies_check ON identity.tenants IS
'overtaken_replies: must be hold or send';

CALL operations.protect(
    'identity.tenants', rows => 'self',
    shown => '{decision_role,self_approval,toxicity_threshold,overtaken_replies,suspended_at,created_at}',
    fixed => '{created_at}'
);

-- The log asks whether a tenant is still there: of the tenant that is set, and behind the owner of each.
GRANT USAGE ON SCHEMA identity TO app_log;
GRANT SELECT ON identity.tenants TO app_log;
CREATE POLICY log_of_owner ON identity.tenants FOR SELECT TO app_log
USING (pg_has_role(session_user, 'app_owner', 'MEMBER'));

ALTER TABLE operations.events
-- Nothing is in it yet.
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
ADD CONSTRAINT events_tenant_fkey FOREIGN KEY (tenant_id)
REFERENCES identity.tenants (id) ON DELETE CASCADE;

CREATE FUNCTION identity.tenant_ids() RETURNS SETOF uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.id
    FROM identity.tenants AS t;
END;

COMMENT ON FUNCTION identity.tenant_ids() IS
'The tenants whom the role may see: all for the owner; for another the one of the transaction.';

GRANT EXECUTE ON FUNCTION identity.tenant_ids() TO app_rw, app_ro;

-- Users ---------------------------------------------------------------------------------------------

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
    CHECK (NOT operations.is_blank(display_name) AND length(display_name) <= 200),
    CONSTRAINT users_role_check CHECK (role IN ('viewer', 'agent', 'approver', 'admin')),
    CONSTRAINT users_auth_check CHECK ((auth_provider IS NULL) = (auth_subject IS NULL))
);

COMMENT ON TABLE identity.users IS 'People of a tenant, known by their OIDC identity.';
COMMENT ON COLUMN identity.users.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN identity.users.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN identity.users.email IS
'At most one user of the tenant has it, in upper or lower case. A service may name its user by it.';
COMMENT ON COLUMN identity.users.display_name IS 'What people call the user; 1 to 200 characters.';
COMMENT ON COLUMN identity.users.role IS 'What the user may do: viewer, agent, approver or admin.';
COMMENT ON COLUMN identity.users.auth_provider IS 'The issuer of the user''s OIDC tokens.';
COMMENT ON COLUMN identity.users.auth_subject IS 'The subject within the issuer.';
COMMENT ON COLUMN identity.users.disabled_at IS 'Since when the user may do nothing; NULL while active.';
COMMENT ON COLUMN identity.users.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN identity.users.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN identity.users.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
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

CALL operations.protect(
    'identity.users', rows => 'tenant',
    shown => '{role,disabled_at,created_at}',
    fixed => '{created_at}'
);

-- API keys ------------------------------------------------------------------------------------------

CREATE TABLE identity.api_keys (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    family_id uuid NOT NULL DEFAULT operations.new_id(),
    name text NOT NULL,
    prefix text NOT NULL,
    secret_hash bytea NOT NULL,
    scopes text [] NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT api_keys_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT api_keys_prefix_key UNIQUE (tenant_id, prefix),
    CONSTRAINT api_keys_name_check CHECK (NOT operations.is_blank(name) AND length(name) <= 200),
    CONSTRAINT api_keys_scopes_check CHECK (
        scopes::text ~ '^\{[a-z]+:[a-z]+(,[a-z]+:[a-z]+)*\}$' AND octet_length(scopes::text) <= 4096
    )
);

COMMENT ON TABLE identity.api_keys IS 'Credentials of services.';
COMMENT ON COLUMN identity.api_keys.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN identity.api_keys.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN identity.api_keys.family_id IS
'The same for a key and all that it was rotated to: they share their Idempotency-Keys.';
COMMENT ON COLUMN identity.api_keys.name IS
'What people call it; 1 to 200 characters, and not unique: a rotated key keeps it.';
COMMENT ON COLUMN identity.api_keys.prefix IS 'The public part by which a key is shown and looked up.';
COMMENT ON COLUMN identity.api_keys.secret_hash IS 'HMAC-SHA256 of the secret part, keyed by SECRET_KEY.';
COMMENT ON COLUMN identity.api_keys.scopes IS 'What the key may do; service/auth.py has the list.';
COMMENT ON COLUMN identity.api_keys.expires_at IS
'From then on the key is refused; NULL is never. Rotation brings it forward to the end of the grace.';
COMMENT ON COLUMN identity.api_keys.revoked_at IS
'Since when the key is refused because it was revoked; NULL while it is not.';
COMMENT ON COLUMN identity.api_keys.last_used_at IS 'To the minute.';
COMMENT ON COLUMN identity.api_keys.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN identity.api_keys.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN identity.api_keys.revision IS 'Counts the changes; kept by operations.touch().';
COMMENT ON CONSTRAINT api_keys_prefix_key ON identity.api_keys IS 'prefix: is taken; try again';
COMMENT ON CONSTRAINT api_keys_name_check ON identity.api_keys IS
'name: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT api_keys_scopes_check ON identity.api_keys IS
'scopes: must hold one or more scopes such as inbox:read';


CALL operations.protect(
    'identity.api_keys', rows => 'tenant',
    shown => '{family_id,prefix,scopes,expires_at,revoked_at,created_at}',
    fixed => '{family_id,name,prefix,secret_hash,scopes,created_at}',
    quiet => '{last_used_at}',
    hidden => true
);
