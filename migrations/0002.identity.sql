-- Who: tenants, their users, the API keys of services, and teams with their chats and statistics.
-- depends: 0001.foundation

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA identity;

COMMENT ON SCHEMA identity IS 'Who: tenants, their users and teams, and the API keys of services.';

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
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    -- all tenants: for the owner.
    RETURN QUERY
    SELECT t.id
    FROM identity.tenants AS t;
END
$$;

COMMENT ON FUNCTION identity.tenant_ids() IS
'The tenants whom the role may see: all for the owner; for another the one of the transaction.';

GRANT EXECUTE ON FUNCTION identity.tenant_ids() TO app_rw, app_ro;

CREATE FUNCTION identity.active_tenant_ids() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    -- all tenants: for the owner.
    RETURN QUERY
    SELECT t.id
    FROM identity.tenants AS t
    WHERE t.suspended_at IS NULL;
END
$$;

COMMENT ON FUNCTION identity.active_tenant_ids() IS
'Those of identity.tenant_ids() that are not suspended.';

GRANT EXECUTE ON FUNCTION identity.active_tenant_ids() TO app_rw, app_ro;

-- Users ---------------------------------------------------------------------------------------------

CREATE TABLE identity.users (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    public_id text NOT NULL DEFAULT operations.new_public_id(),
    email text NOT NULL,
    display_name text NOT NULL,
    handle text,
    role text NOT NULL DEFAULT 'agent',
    is_bot boolean NOT NULL DEFAULT false,
    is_private boolean NOT NULL DEFAULT false,
    languages text [] NOT NULL DEFAULT '{}',
    auth_provider text,
    auth_subject text,
    disabled_at timestamptz,
    last_active_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT users_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT users_auth_key UNIQUE (tenant_id, auth_provider, auth_subject),
    CONSTRAINT users_email_key UNIQUE (tenant_id, email),
    CONSTRAINT users_public_id_key UNIQUE (tenant_id, public_id),
    CONSTRAINT users_handle_key UNIQUE (tenant_id, handle),
    CONSTRAINT users_public_id_check CHECK (public_id ~ '^[A-Za-z0-9]{12}$'),
    CONSTRAINT users_handle_check CHECK (handle ~ '^[a-z0-9_-]{3,50}$'),
    CONSTRAINT users_languages_check CHECK (
        languages::text ~ '^\{([a-z]{2,3}(,[a-z]{2,3})*)?\}$' AND cardinality(languages) <= 20
    ),
    CONSTRAINT users_email_check CHECK (email LIKE '_%@_%' AND length(email) <= 320 AND email = lower(email)),
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
COMMENT ON COLUMN identity.users.public_id IS
'The id that people pass on: 12 characters A to Z, a to z and 0 to 9.';
COMMENT ON COLUMN identity.users.email IS
'In lower case; at most one user of the tenant has it. A service may name its user by it.';
COMMENT ON COLUMN identity.users.display_name IS 'What people call the user; 1 to 200 characters.';
COMMENT ON COLUMN identity.users.handle IS
'A short name, in lower case: 3 to 50 of a to z, 0 to 9, _ and -. At most one user has it; NULL if none.';
COMMENT ON COLUMN identity.users.is_bot IS 'Whether it is a program that acts, not a person.';
COMMENT ON COLUMN identity.users.is_private IS 'Whether the search for people leaves the user out.';
COMMENT ON COLUMN identity.users.languages IS
'The languages that the user speaks, as ISO 639 codes; at most 20.';
COMMENT ON COLUMN identity.users.role IS 'What the user may do: viewer, agent, approver or admin.';
COMMENT ON COLUMN identity.users.auth_provider IS 'The issuer of the user''s OIDC tokens.';
COMMENT ON COLUMN identity.users.auth_subject IS 'The subject within the issuer.';
COMMENT ON COLUMN identity.users.disabled_at IS 'Since when the user may do nothing; NULL while active.';
COMMENT ON COLUMN identity.users.last_active_at IS
'When the user was last seen here, to the minute; NULL before. Noted where the service finds out who calls.';
COMMENT ON COLUMN identity.users.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN identity.users.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN identity.users.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT users_auth_key ON identity.users IS
'auth_subject: another user has this OIDC identity';
COMMENT ON CONSTRAINT users_public_id_key ON identity.users IS 'public_id: another user has it';
COMMENT ON CONSTRAINT users_handle_key ON identity.users IS 'handle: another user has it';
COMMENT ON CONSTRAINT users_public_id_check ON identity.users IS
'public_id: must be 12 letters and digits';
COMMENT ON CONSTRAINT users_handle_check ON identity.users IS
'handle: must be 3 to 50 of a to z, 0 to 9, _ and -';
COMMENT ON CONSTRAINT users_languages_check ON identity.users IS
'languages: must be at most 20 codes of ISO 639, such as en';
COMMENT ON CONSTRAINT users_email_key ON identity.users IS
'email: another user has this e-mail address';
COMMENT ON CONSTRAINT users_email_check ON identity.users IS
'email: must be an e-mail address, in lower case';
COMMENT ON CONSTRAINT users_display_name_check ON identity.users IS
'display_name: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT users_role_check ON identity.users IS
'role: must be viewer, agent, approver or admin';
COMMENT ON CONSTRAINT users_auth_check ON identity.users IS
'auth_subject: auth_provider and auth_subject go together';

CALL operations.protect(
    'identity.users', rows => 'tenant',
    shown => '{role,is_bot,is_private,disabled_at,created_at}',
    fixed => '{public_id,created_at}',
    quiet => '{last_active_at}'
);

CREATE TABLE identity.user_words (
    tenant_id uuid NOT NULL,
    word text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    PRIMARY KEY (tenant_id, word, id)
);

COMMENT ON TABLE identity.user_words IS
'How the words of each user''s names begin, for the search: kept by identity.index_users(), and gone with the user.';
COMMENT ON COLUMN identity.user_words.tenant_id IS
'The tenant: leads the key, and row-level security compares it.';
COMMENT ON COLUMN identity.user_words.word IS
'The first letter, the first two and so on up to all of a word of the display name or the handle, in lower case.';
COMMENT ON COLUMN identity.user_words.id IS 'The user.';

CALL operations.protect(
    'identity.user_words', rows => 'tenant', writes => '{INSERT,DELETE}', recorded => false, derived => true
);
CALL operations.index_words(
    'identity.users', words => 'identity.user_words',
    columns => '{display_name,handle}', language => 'simple', beginnings => true
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

-- Teams ---------------------------------------------------------------------------------------------

CREATE TABLE identity.teams (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    public_id text NOT NULL DEFAULT operations.new_public_id(),
    name text NOT NULL,
    handle text,
    description text,
    is_private boolean NOT NULL DEFAULT false,
    is_open_to_new_members boolean NOT NULL DEFAULT false,
    languages text [] NOT NULL DEFAULT '{}',
    config jsonb NOT NULL DEFAULT '{}',
    parent_id uuid,
    created_by_id uuid,
    member_count integer NOT NULL DEFAULT 0,
    admin_count integer NOT NULL DEFAULT 0,
    counted_at timestamptz,
    audience uuid NOT NULL GENERATED ALWAYS AS (CASE WHEN is_private THEN id ELSE tenant_id END) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT teams_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT teams_parent_fkey FOREIGN KEY (tenant_id, parent_id)
    REFERENCES identity.teams (tenant_id, id),
    CONSTRAINT teams_created_by_fkey FOREIGN KEY (tenant_id, created_by_id)
    REFERENCES identity.users (tenant_id, id),
    CONSTRAINT teams_public_id_key UNIQUE (tenant_id, public_id),
    CONSTRAINT teams_handle_key UNIQUE (tenant_id, handle),
    CONSTRAINT teams_public_id_check CHECK (public_id ~ '^[A-Za-z0-9]{12}$'),
    CONSTRAINT teams_name_check CHECK (NOT operations.is_blank(name) AND length(name) <= 128),
    CONSTRAINT teams_handle_check CHECK (handle ~ '^[a-z0-9_-]{3,50}$'),
    CONSTRAINT teams_description_check CHECK (length(description) <= 2048),
    CONSTRAINT teams_languages_check CHECK (
        languages::text ~ '^\{([a-z]{2,3}(,[a-z]{2,3})*)?\}$' AND cardinality(languages) <= 20
    ),
    CONSTRAINT teams_config_check
    CHECK (jsonb_typeof(config) = 'object' AND octet_length(config::text) < 65536)
);

COMMENT ON TABLE identity.teams IS
'Groups of users who share what is theirs. A private one is visible to its members only.';
COMMENT ON COLUMN identity.teams.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN identity.teams.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN identity.teams.public_id IS
'The id that people pass on: 12 characters A to Z, a to z and 0 to 9.';
COMMENT ON COLUMN identity.teams.name IS 'What people call it; 1 to 128 characters.';
COMMENT ON COLUMN identity.teams.handle IS
'Its short name, in lower case: 3 to 50 of a to z, 0 to 9, _ and -. At most one team has it; NULL if none.';
COMMENT ON COLUMN identity.teams.description IS
'For people to read, at most 2048 characters; NULL if there is none.';
COMMENT ON COLUMN identity.teams.is_private IS
'Whether only its members see it, by row-level security.';
COMMENT ON COLUMN identity.teams.is_open_to_new_members IS
'Whether a user who sees it may join without being added.';
COMMENT ON COLUMN identity.teams.languages IS
'The languages that it speaks, as ISO 639 codes; at most 20.';
COMMENT ON COLUMN identity.teams.config IS 'What clients keep of it: any JSON object under 64 KB.';
COMMENT ON COLUMN identity.teams.parent_id IS
'The team above it, at most four of them up to the top; NULL at the top.';
COMMENT ON COLUMN identity.teams.created_by_id IS 'The user who created it; NULL if a service did.';
COMMENT ON COLUMN identity.teams.member_count IS
'How many members it has; kept by identity.count_member().';
COMMENT ON COLUMN identity.teams.admin_count IS
'How many of them are admins; kept by identity.count_member().';
COMMENT ON COLUMN identity.teams.counted_at IS
'When its members and admins were last counted anew, by identity.recount_members(); NULL if never.';
COMMENT ON COLUMN identity.teams.audience IS
'Who sees it: the tenant, or the team itself. Row-level security compares it.';
COMMENT ON COLUMN identity.teams.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN identity.teams.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN identity.teams.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT teams_parent_fkey ON identity.teams IS
'parent_id: there is no such team, or it has teams below it';
COMMENT ON CONSTRAINT teams_created_by_fkey ON identity.teams IS
'created_by_id: there is no such user';
COMMENT ON CONSTRAINT teams_public_id_key ON identity.teams IS 'public_id: another team has it';
COMMENT ON CONSTRAINT teams_handle_key ON identity.teams IS 'handle: another team has it';
COMMENT ON CONSTRAINT teams_public_id_check ON identity.teams IS
'public_id: must be 12 letters and digits';
COMMENT ON CONSTRAINT teams_name_check ON identity.teams IS
'name: must have 1 to 128 characters that are not blank';
COMMENT ON CONSTRAINT teams_handle_check ON identity.teams IS
'handle: must be 3 to 50 of a to z, 0 to 9, _ and -';
COMMENT ON CONSTRAINT teams_description_check ON identity.teams IS
'description: must have at most 2048 characters';
COMMENT ON CONSTRAINT teams_languages_check ON identity.teams IS
'languages: must be at most 20 codes of ISO 639, such as en';
COMMENT ON CONSTRAINT teams_config_check ON identity.teams IS
'config: must be an object, and under 64 KB';

CREATE INDEX teams_parent ON identity.teams (tenant_id, parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX teams_created_by ON identity.teams (tenant_id, created_by_id) WHERE created_by_id IS NOT NULL;

CALL operations.protect(
    'identity.teams', rows => 'team',
    shown => '{is_private,is_open_to_new_members,parent_id,created_by_id,created_at}',
    fixed => '{public_id,created_by_id,created_at}',
    kept => '{member_count,admin_count}',
    quiet => '{member_count,admin_count,counted_at}',
    writes => '{INSERT,UPDATE,DELETE}'
);

-- Members -------------------------------------------------------------------------------------------

CREATE TABLE identity.team_members (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    team_id uuid NOT NULL,
    user_id uuid NOT NULL,
    is_admin boolean NOT NULL DEFAULT false,
    permissions text [] NOT NULL,
    audience uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT team_members_team_fkey FOREIGN KEY (tenant_id, team_id)
    REFERENCES identity.teams (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT team_members_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT team_members_member_key UNIQUE (tenant_id, team_id, user_id),
    CONSTRAINT team_members_permissions_check CHECK (
        permissions <@ '{add-members,edit-team,write-resources,delete-resources,run-resources,write-chat}'::text []
        AND cardinality(permissions) <= 6
    )
);

COMMENT ON TABLE identity.team_members IS 'Who is in a team, and what a member may do there.';
COMMENT ON COLUMN identity.team_members.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN identity.team_members.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN identity.team_members.team_id IS 'The team.';
COMMENT ON COLUMN identity.team_members.user_id IS
'The member, who sees the row whatever the audience.';
COMMENT ON COLUMN identity.team_members.is_admin IS
'Whether the member may do all in the team; its last admin stays.';
COMMENT ON COLUMN identity.team_members.permissions IS
'What the member may do: add-members, edit-team, write-resources, delete-resources, run-resources, write-chat. The file
service/identity/permissions.py has their meaning.';
COMMENT ON COLUMN identity.team_members.audience IS
'Who sees it beside the member, as the team; kept by operations.inherit_audience().';
COMMENT ON COLUMN identity.team_members.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN identity.team_members.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN identity.team_members.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT team_members_team_fkey ON identity.team_members IS
'team_id: there is no such team';
COMMENT ON CONSTRAINT team_members_user_fkey ON identity.team_members IS
'user_id: there is no such user';
COMMENT ON CONSTRAINT team_members_member_key ON identity.team_members IS
'user_id: is a member of the team';
COMMENT ON CONSTRAINT team_members_permissions_check ON identity.team_members IS
'permissions: must be of add-members, edit-team, write-resources, delete-resources, run-resources and write-chat';

CREATE INDEX team_members_user ON identity.team_members (tenant_id, user_id, id) INCLUDE (team_id);

CALL operations.protect(
    'identity.team_members', rows => 'team',
    shown => '{team_id,user_id,is_admin,created_at}',
    fixed => '{team_id,user_id,created_at}',
    writes => '{INSERT,UPDATE,DELETE}'
);

CALL operations.inherit_audience('identity.team_members', parent => 'identity.teams', reference => 'team_id');

-- Chats ---------------------------------------------------------------------------------------------

CREATE TABLE identity.chats (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    public_id text NOT NULL DEFAULT operations.new_public_id(),
    team_id uuid NOT NULL,
    created_by_id uuid,
    open_to_anyone_with_invite boolean NOT NULL DEFAULT false,
    config jsonb NOT NULL DEFAULT '{}',
    audience uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT chats_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT chats_team_fkey FOREIGN KEY (tenant_id, team_id)
    REFERENCES identity.teams (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT chats_created_by_fkey FOREIGN KEY (tenant_id, created_by_id)
    REFERENCES identity.users (tenant_id, id),
    CONSTRAINT chats_public_id_key UNIQUE (tenant_id, public_id),
    CONSTRAINT chats_team_key UNIQUE (tenant_id, team_id, id),
    CONSTRAINT chats_public_id_check CHECK (public_id ~ '^[A-Za-z0-9]{12}$'),
    CONSTRAINT chats_config_check
    CHECK (jsonb_typeof(config) = 'object' AND octet_length(config::text) < 65536)
);

COMMENT ON TABLE identity.chats IS
'Where the members of a team talk. The first is made with the team, and every member takes part in it.';
COMMENT ON COLUMN identity.chats.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN identity.chats.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN identity.chats.public_id IS
'The id that people pass on: 12 characters A to Z, a to z and 0 to 9.';
COMMENT ON COLUMN identity.chats.team_id IS
'The team whose chat it is; it is as private as the team.';
COMMENT ON COLUMN identity.chats.created_by_id IS 'The user who created it; NULL if a service did.';
COMMENT ON COLUMN identity.chats.open_to_anyone_with_invite IS
'Whether an invitation is enough to join it.';
COMMENT ON COLUMN identity.chats.config IS
'How it is set up: any JSON object under 64 KB. The file service/identity/permissions.py has that of a new team''s.';
COMMENT ON COLUMN identity.chats.audience IS
'Who sees it, as the team; kept by operations.inherit_audience().';
COMMENT ON COLUMN identity.chats.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN identity.chats.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN identity.chats.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT chats_team_fkey ON identity.chats IS 'team_id: there is no such team';
COMMENT ON CONSTRAINT chats_created_by_fkey ON identity.chats IS
'created_by_id: there is no such user';
COMMENT ON CONSTRAINT chats_public_id_key ON identity.chats IS 'public_id: another chat has it';
COMMENT ON CONSTRAINT chats_public_id_check ON identity.chats IS
'public_id: must be 12 letters and digits';
COMMENT ON CONSTRAINT chats_config_check ON identity.chats IS
'config: must be an object, and under 64 KB';

CREATE INDEX chats_created_by ON identity.chats (tenant_id, created_by_id) WHERE created_by_id IS NOT NULL;

CALL operations.protect(
    'identity.chats', rows => 'team',
    shown => '{team_id,created_by_id,open_to_anyone_with_invite,created_at}',
    fixed => '{public_id,team_id,created_by_id,created_at}'
);

CALL operations.inherit_audience('identity.chats', parent => 'identity.teams', reference => 'team_id');

CREATE TABLE identity.chat_participants (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    team_id uuid NOT NULL,
    chat_id uuid NOT NULL,
    user_id uuid NOT NULL,
    has_unread boolean NOT NULL DEFAULT true,
    audience uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT chat_participants_chat_fkey FOREIGN KEY (tenant_id, team_id, chat_id)
    REFERENCES identity.chats (tenant_id, team_id, id) ON DELETE CASCADE,
    CONSTRAINT chat_participants_member_fkey FOREIGN KEY (tenant_id, team_id, user_id)
    REFERENCES identity.team_members (tenant_id, team_id, user_id) ON DELETE CASCADE,
    CONSTRAINT chat_participants_participant_key UNIQUE (tenant_id, team_id, chat_id, user_id)
);

COMMENT ON TABLE identity.chat_participants IS
'Which members of a team take part in a chat of it. Who leaves the team leaves its chats.';
COMMENT ON COLUMN identity.chat_participants.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN identity.chat_participants.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN identity.chat_participants.team_id IS 'The team of the chat and of the member.';
COMMENT ON COLUMN identity.chat_participants.chat_id IS 'The chat.';
COMMENT ON COLUMN identity.chat_participants.user_id IS
'The participant, who sees the row whatever the audience.';
COMMENT ON COLUMN identity.chat_participants.has_unread IS
'Whether there is something that the participant has not read.';
COMMENT ON COLUMN identity.chat_participants.audience IS
'Who sees it beside the participant, as the chat; kept by operations.inherit_audience().';
COMMENT ON COLUMN identity.chat_participants.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN identity.chat_participants.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN identity.chat_participants.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT chat_participants_chat_fkey ON identity.chat_participants IS
'chat_id: the team has no such chat';
COMMENT ON CONSTRAINT chat_participants_member_fkey ON identity.chat_participants IS
'user_id: the team has no such member';
COMMENT ON CONSTRAINT chat_participants_participant_key ON identity.chat_participants IS
'user_id: takes part in the chat';

CREATE INDEX chat_participants_member ON identity.chat_participants (tenant_id, team_id, user_id);

CALL operations.protect(
    'identity.chat_participants', rows => 'team',
    shown => '{team_id,chat_id,user_id,has_unread,created_at}',
    fixed => '{team_id,chat_id,user_id,created_at}',
    writes => '{INSERT,UPDATE,DELETE}'
);

CALL operations.inherit_audience('identity.chat_participants', parent => 'identity.chats', reference => 'chat_id');

-- Statistics ----------------------------------------------------------------------------------------

CREATE FUNCTION identity.periods(moment timestamptz)
RETURNS TABLE (period_type text, period_start timestamptz, period_end timestamptz)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    at_utc CONSTANT timestamp := moment AT TIME ZONE 'UTC';
BEGIN
    RETURN QUERY
    SELECT
        p.type,
        date_trunc(p.unit, at_utc) AT TIME ZONE 'UTC',
        (date_trunc(p.unit, at_utc) + p.length) AT TIME ZONE 'UTC'
    FROM (
        VALUES
        ('hourly', 'hour', interval '1 hour'),
        ('daily', 'day', interval '1 day'),
        ('weekly', 'week', interval '7 days'),
        ('monthly', 'month', interval '1 month'),
        ('yearly', 'year', interval '1 year')
    ) AS p (type, unit, length);
END
$$;

COMMENT ON FUNCTION identity.periods(timestamptz) IS
'The hour, day, week from Monday, month and year that a time is in: in UTC, from the start to before the end.';

GRANT EXECUTE ON FUNCTION identity.periods(timestamptz) TO app_rw, app_ro;

CREATE TABLE identity.user_stats (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    period_type text NOT NULL,
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL,
    runs_started bigint NOT NULL DEFAULT 0,
    runs_completed bigint NOT NULL DEFAULT 0,
    run_milliseconds bigint NOT NULL DEFAULT 0,
    runs_timed bigint NOT NULL DEFAULT 0,
    resources_deleted bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, user_id, period_type, period_start),
    CONSTRAINT user_stats_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT user_stats_period_check CHECK (
        period_type IN ('hourly', 'daily', 'weekly', 'monthly', 'yearly') AND period_start < period_end
    ),
    CONSTRAINT user_stats_counts_check CHECK (
        least(runs_started, runs_completed, run_milliseconds, runs_timed, resources_deleted) >= 0
    )
);

COMMENT ON TABLE identity.user_stats IS
'What a user did in an hour, a day, a week, a month and a year: counted as it happens.';
COMMENT ON COLUMN identity.user_stats.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN identity.user_stats.user_id IS 'The user.';
COMMENT ON COLUMN identity.user_stats.period_type IS 'hourly, daily, weekly, monthly or yearly.';
COMMENT ON COLUMN identity.user_stats.period_start IS 'When the period began, in UTC.';
COMMENT ON COLUMN identity.user_stats.period_end IS
'When it ends, itself not in it: the next one begins there.';
COMMENT ON COLUMN identity.user_stats.runs_started IS
'How many of the user''s runs were started for the first time.';
COMMENT ON COLUMN identity.user_stats.runs_completed IS 'How many of them were completed.';
COMMENT ON COLUMN identity.user_stats.run_milliseconds IS
'The time elapsed of those completed that told it, in sum.';
COMMENT ON COLUMN identity.user_stats.runs_timed IS 'How many of those completed told it.';
COMMENT ON COLUMN identity.user_stats.resources_deleted IS 'How many resources the user deleted.';
COMMENT ON CONSTRAINT user_stats_user_fkey ON identity.user_stats IS
'user_id: there is no such user';
COMMENT ON CONSTRAINT user_stats_period_check ON identity.user_stats IS
'period_type: must be hourly, daily, weekly, monthly or yearly';
COMMENT ON CONSTRAINT user_stats_counts_check ON identity.user_stats IS
'runs_started: no count is negative';

CALL operations.protect(
    'identity.user_stats', rows => 'tenant',
    fixed => '{period_end}',
    kept => '{runs_started,runs_completed,run_milliseconds,runs_timed,resources_deleted}',
    recorded => false,
    derived => true
);

CREATE TABLE identity.team_stats (
    tenant_id uuid NOT NULL,
    team_id uuid NOT NULL,
    period_type text NOT NULL,
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL,
    members_created bigint NOT NULL DEFAULT 0,
    runs_started bigint NOT NULL DEFAULT 0,
    runs_completed bigint NOT NULL DEFAULT 0,
    run_milliseconds bigint NOT NULL DEFAULT 0,
    runs_timed bigint NOT NULL DEFAULT 0,
    resources_deleted bigint NOT NULL DEFAULT 0,
    audience uuid NOT NULL,
    PRIMARY KEY (tenant_id, team_id, period_type, period_start),
    CONSTRAINT team_stats_team_fkey FOREIGN KEY (tenant_id, team_id)
    REFERENCES identity.teams (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT team_stats_period_check CHECK (
        period_type IN ('hourly', 'daily', 'weekly', 'monthly', 'yearly') AND period_start < period_end
    ),
    CONSTRAINT team_stats_counts_check CHECK (
        least(members_created, runs_started, runs_completed, run_milliseconds, runs_timed, resources_deleted) >= 0
    )
);

COMMENT ON TABLE identity.team_stats IS
'What happened in a team in an hour, a day, a week, a month and a year: counted as it happens.';
COMMENT ON COLUMN identity.team_stats.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN identity.team_stats.team_id IS 'The team.';
COMMENT ON COLUMN identity.team_stats.period_type IS 'hourly, daily, weekly, monthly or yearly.';
COMMENT ON COLUMN identity.team_stats.period_start IS 'When the period began, in UTC.';
COMMENT ON COLUMN identity.team_stats.period_end IS
'When it ends, itself not in it: the next one begins there.';
COMMENT ON COLUMN identity.team_stats.members_created IS 'How many members were added.';
COMMENT ON COLUMN identity.team_stats.runs_started IS
'How many of the team''s runs were started for the first time.';
COMMENT ON COLUMN identity.team_stats.runs_completed IS 'How many of them were completed.';
COMMENT ON COLUMN identity.team_stats.run_milliseconds IS
'The time elapsed of those completed that told it, in sum.';
COMMENT ON COLUMN identity.team_stats.runs_timed IS 'How many of those completed told it.';
COMMENT ON COLUMN identity.team_stats.resources_deleted IS
'How many of the team''s resources were deleted.';
COMMENT ON COLUMN identity.team_stats.audience IS
'Who sees it, as the team; kept by operations.inherit_audience().';
COMMENT ON CONSTRAINT team_stats_team_fkey ON identity.team_stats IS
'team_id: there is no such team';
COMMENT ON CONSTRAINT team_stats_period_check ON identity.team_stats IS
'period_type: must be hourly, daily, weekly, monthly or yearly';
COMMENT ON CONSTRAINT team_stats_counts_check ON identity.team_stats IS
'members_created: no count is negative';

CALL operations.protect(
    'identity.team_stats', rows => 'team',
    fixed => '{period_end}',
    kept => '{members_created,runs_started,runs_completed,run_milliseconds,runs_timed,resources_deleted}',
    recorded => false,
    derived => true
);

CALL operations.inherit_audience('identity.team_stats', parent => 'identity.teams', reference => 'team_id');

-- The rules of teams --------------------------------------------------------------------------------

CREATE FUNCTION identity.may(team_id uuid, permission text) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    actor CONSTANT text := coalesce(current_setting('app.user_id', true), '');
    tenant CONSTANT uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    IF actor IN ('any', '') THEN
        RETURN actor = 'any';
    END IF;
    -- One's own membership is visible in any team.
    RETURN EXISTS (
        SELECT FROM identity.team_members AS m
        WHERE m.tenant_id = tenant
            AND m.team_id = may.team_id
            AND m.user_id = actor::uuid
            AND (m.is_admin OR may.permission = ANY (m.permissions))
    );
END
$$;

COMMENT ON FUNCTION identity.may(uuid, text) IS
'Whether the user who acts is an admin of a team, or a member with the permission; always where app.user_id is any, and
never where nobody is named.';

GRANT EXECUTE ON FUNCTION identity.may(uuid, text) TO app_rw, app_ro;

CREATE FUNCTION identity.require_permission() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT identity.may((to_jsonb(coalesce(NEW, OLD)) ->> TG_ARGV[1])::uuid, TG_ARGV[0]) THEN
        RAISE EXCEPTION 'this takes an admin of the team, or a member with the permission %', TG_ARGV[0]
        USING ERRCODE = 'DR003';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;

COMMENT ON FUNCTION identity.require_permission() IS
'BEFORE what is for some members of a team to do: refuses it, with SQLSTATE DR003, to who lacks the permission.
Arguments: the permission, or admin, which only admins have; the column that has the team''s id.';

CREATE TRIGGER require_permission BEFORE UPDATE ON identity.teams
FOR EACH ROW WHEN (
    old.name <> new.name
    OR old.handle IS DISTINCT FROM new.handle
    OR old.description IS DISTINCT FROM new.description
    OR old.is_private <> new.is_private
    OR old.is_open_to_new_members <> new.is_open_to_new_members
    OR old.languages <> new.languages
    OR old.config <> new.config
    OR old.parent_id IS DISTINCT FROM new.parent_id
)
EXECUTE FUNCTION identity.require_permission('edit-team', 'id');

-- One that goes with its tenant, by a foreign key, is not asked for.
CREATE TRIGGER require_admin BEFORE DELETE ON identity.teams
FOR EACH ROW WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION identity.require_permission('admin', 'id');

-- Nobody puts a team below one that is not theirs to change, or that they do not see.
CREATE TRIGGER require_permission_above BEFORE INSERT ON identity.teams
FOR EACH ROW WHEN (new.parent_id IS NOT NULL)
EXECUTE FUNCTION identity.require_permission('edit-team', 'parent_id');

CREATE TRIGGER require_permission_above_moved BEFORE UPDATE ON identity.teams
FOR EACH ROW WHEN (new.parent_id IS NOT NULL AND old.parent_id IS DISTINCT FROM new.parent_id)
EXECUTE FUNCTION identity.require_permission('edit-team', 'parent_id');

CREATE TRIGGER require_permission BEFORE INSERT ON identity.chats
FOR EACH ROW EXECUTE FUNCTION identity.require_permission('write-chat', 'team_id');

CREATE FUNCTION identity.require_creator_of_chat() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF coalesce(current_setting('app.user_id', true), '') NOT IN ('any', NEW.created_by_id::text) THEN
        RAISE EXCEPTION 'a chat is created by the user who acts' USING ERRCODE = 'DR003';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION identity.require_creator_of_chat() IS
'BEFORE a chat is created: refuses it, with SQLSTATE DR003, to who names somebody else as its creator. Where app.user_id
is any, chats have any creator or none.';

CREATE TRIGGER require_creator BEFORE INSERT ON identity.chats
FOR EACH ROW WHEN (new.created_by_id IS NOT NULL)
EXECUTE FUNCTION identity.require_creator_of_chat();

CREATE TRIGGER require_permission_to_change BEFORE UPDATE ON identity.chats
FOR EACH ROW WHEN (
    old.open_to_anyone_with_invite <> new.open_to_anyone_with_invite OR old.config <> new.config
)
EXECUTE FUNCTION identity.require_permission('write-chat', 'team_id');

CREATE FUNCTION identity.require_creator() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    actor CONSTANT text := coalesce(current_setting('app.user_id', true), '');
BEGIN
    IF actor <> 'any' THEN
        IF NEW.created_by_id IS NULL OR NEW.created_by_id::text <> actor THEN
            RAISE EXCEPTION 'a team is created by the user who acts' USING ERRCODE = 'DR003';
        END IF;
        -- set_config: read on the server that keeps the row. The creator sees it from here on, also a private one.
        PERFORM set_config(
            'app.team_ids',
            concat_ws(',', nullif(current_setting('app.team_ids', true), ''), NEW.id),
            true
        );
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION identity.require_creator() IS
'BEFORE a team is created: refuses it, with SQLSTATE DR003, to who is not its creator, and lets the creator''s
transaction see it. Where app.user_id is any, teams have any creator or none.';

CREATE TRIGGER require_creator BEFORE INSERT ON identity.teams
FOR EACH ROW EXECUTE FUNCTION identity.require_creator();

CREATE FUNCTION identity.require_hierarchy() RETURNS trigger
LANGUAGE plpgsql
-- The rule counts teams that the writer does not see.
SET "app.user_id" = 'any'
AS $$
DECLARE
    above integer;
    below integer;
BEGIN
    -- One change of a tenant's hierarchy at a time: two that are right by themselves can make a circle.
    PERFORM pg_advisory_xact_lock(hashtext('identity.teams.parent_id'), hashtext(NEW.tenant_id::text));
    WITH RECURSIVE ancestors AS (
        SELECT
            NEW.parent_id AS id,
            1 AS distance
        UNION ALL
        SELECT
            t.parent_id,
            a.distance + 1
        FROM ancestors AS a
        INNER JOIN identity.teams AS t ON t.tenant_id = NEW.tenant_id AND t.id = a.id
        WHERE t.parent_id IS NOT NULL AND a.distance < 5
    )

    SELECT max(a.distance) INTO above
    FROM ancestors AS a;
    WITH RECURSIVE descendants AS (
        SELECT
            NEW.id AS id,
            1 AS distance
        UNION ALL
        SELECT
            t.id,
            d.distance + 1
        FROM descendants AS d
        INNER JOIN identity.teams AS t ON t.tenant_id = NEW.tenant_id AND t.parent_id = d.id
        WHERE d.distance < 5
    )

    SELECT max(d.distance) INTO below
    FROM descendants AS d;
    -- A circle is as deep as one looks.
    IF above + below > 5 THEN
        RAISE EXCEPTION 'teams are more than five levels deep, or in a circle: violates constraint "%"', TG_NAME
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION identity.require_hierarchy() IS
'AFTER parent_id was set: the hierarchy has at most five levels and no circle. Waits for other changes of it.';

CREATE CONSTRAINT TRIGGER require_hierarchy AFTER INSERT ON identity.teams
FOR EACH ROW WHEN (new.parent_id IS NOT NULL)
EXECUTE FUNCTION identity.require_hierarchy();

COMMENT ON CONSTRAINT require_hierarchy ON identity.teams IS
'parent_id: there are at most five levels of teams';

CREATE CONSTRAINT TRIGGER require_hierarchy_moved AFTER UPDATE ON identity.teams
FOR EACH ROW WHEN (new.parent_id IS NOT NULL AND old.parent_id IS DISTINCT FROM new.parent_id)
EXECUTE FUNCTION identity.require_hierarchy();

COMMENT ON CONSTRAINT require_hierarchy_moved ON identity.teams IS
'parent_id: there are at most five levels of teams, and none is below itself';

CREATE FUNCTION identity.require_membership() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    actor CONSTANT text := coalesce(current_setting('app.user_id', true), '');
    members integer;
    creator uuid;
    is_open boolean;
BEGIN
    IF identity.may(coalesce(NEW.team_id, OLD.team_id), 'admin') THEN
        RETURN coalesce(NEW, OLD);
    ELSIF TG_OP = 'DELETE' THEN
        -- One may leave. What is deleted with the team or the user, by a foreign key, has been decided there.
        IF OLD.user_id::text = actor OR pg_trigger_depth() > 1 THEN
            RETURN OLD;
        END IF;
    ELSIF TG_OP = 'INSERT' THEN
        SELECT
            t.member_count,
            t.created_by_id,
            t.is_open_to_new_members
        INTO members, creator, is_open
        FROM identity.teams AS t
        WHERE t.tenant_id = NEW.tenant_id
            AND t.id = NEW.team_id;
        IF
            -- The first members come with the team: they are counted when the statement is done.
            members = 0 AND creator::text = actor
            OR NOT NEW.is_admin
            AND NEW.permissions <@ '{write-resources,run-resources,write-chat}'::text []
            AND (identity.may(NEW.team_id, 'add-members') OR is_open AND NEW.user_id::text = actor)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'this takes an admin of the team' USING ERRCODE = 'DR003';
END
$$;

COMMENT ON FUNCTION identity.require_membership() IS
'BEFORE a member is added, changed or removed: refuses it, with SQLSTATE DR003, to who is no admin of the team; but who
may add members adds such as have the usual permissions, one joins an open team oneself, and leaves any.';

CREATE TRIGGER require_membership BEFORE INSERT OR UPDATE OR DELETE ON identity.team_members
FOR EACH ROW EXECUTE FUNCTION identity.require_membership();

CREATE FUNCTION identity.count_member() RETURNS trigger
LANGUAGE plpgsql
SET "app.user_id" = 'any'
AS $$
DECLARE
    member CONSTANT identity.team_members := coalesce(NEW, OLD);
    added CONSTANT integer := (TG_OP = 'INSERT')::integer - (TG_OP = 'DELETE')::integer;
    admins_added CONSTANT integer := coalesce(NEW.is_admin::integer, 0) - coalesce(OLD.is_admin::integer, 0);
    admins integer;
BEGIN
    UPDATE identity.teams AS t
    SET
        member_count = t.member_count + added,
        admin_count = t.admin_count + admins_added
    WHERE t.tenant_id = member.tenant_id
        AND t.id = member.team_id
    RETURNING t.admin_count INTO admins;
    IF admins_added < 0 AND admins = 0 THEN
        -- Who is erased goes all the same.
        IF EXISTS (
            SELECT FROM identity.users AS u
            WHERE u.tenant_id = OLD.tenant_id AND u.id = OLD.user_id
        ) THEN
            RAISE EXCEPTION 'the last admin of a team stays its admin' USING ERRCODE = 'DR001';
        END IF;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO identity.team_stats (tenant_id, team_id, period_type, period_start, period_end)
        SELECT
            NEW.tenant_id,
            NEW.team_id,
            p.period_type,
            p.period_start,
            p.period_end
        FROM identity.periods(now()) AS p
        ON CONFLICT DO NOTHING;
        UPDATE identity.team_stats AS s
        SET members_created = s.members_created + 1
        FROM identity.periods(now()) AS p
        WHERE s.tenant_id = NEW.tenant_id
            AND s.team_id = NEW.team_id
            AND s.period_type = p.period_type
            AND s.period_start = p.period_start;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION identity.count_member() IS
'AFTER a member is added, changed or removed: counts members and admins, under the lock of the team, and what is new in
the statistics. Refuses, with SQLSTATE DR001, that the last admin goes.';

CREATE TRIGGER count_member AFTER INSERT OR DELETE ON identity.team_members
FOR EACH ROW EXECUTE FUNCTION identity.count_member();

CREATE TRIGGER count_admin AFTER UPDATE ON identity.team_members
FOR EACH ROW WHEN (old.is_admin <> new.is_admin) EXECUTE FUNCTION identity.count_member();

CREATE FUNCTION identity.recount_members() RETURNS trigger
LANGUAGE plpgsql
SET "app.user_id" = 'any'
AS $$
BEGIN
    -- The row is locked by now, so whoever else counts has committed, or waits.
    SELECT
        count(*)::integer,
        (count(*) FILTER (WHERE m.is_admin))::integer
    INTO NEW.member_count, NEW.admin_count
    FROM identity.team_members AS m
    WHERE m.tenant_id = NEW.tenant_id
        AND m.team_id = NEW.id;
    NEW.counted_at := now();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION identity.recount_members() IS
'BEFORE counted_at changes: counts the members and admins of the team anew. Runs after fixed, by its name.';

CREATE TRIGGER recount_members BEFORE UPDATE ON identity.teams
FOR EACH ROW WHEN (old.counted_at IS DISTINCT FROM new.counted_at) EXECUTE FUNCTION identity.recount_members();

CREATE FUNCTION identity.join_chat() RETURNS trigger
LANGUAGE plpgsql
SET "app.user_id" = 'any'
AS $$
BEGIN
    INSERT INTO identity.chat_participants (tenant_id, team_id, chat_id, user_id, has_unread)
    SELECT
        NEW.tenant_id,
        c.team_id,
        c.id,
        NEW.user_id,
        false
    FROM identity.chats AS c
    WHERE c.tenant_id = NEW.tenant_id
        AND c.team_id = NEW.team_id
    ORDER BY c.id
    LIMIT 1
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION identity.join_chat() IS
'AFTER a member is added: takes part in the first chat of the team, with nothing unread. A foreign key removes a member
who leaves.';

CREATE TRIGGER join_chat AFTER INSERT ON identity.team_members
FOR EACH ROW EXECUTE FUNCTION identity.join_chat();

CREATE FUNCTION identity.require_participation() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    actor CONSTANT text := coalesce(current_setting('app.user_id', true), '');
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF actor IN ('any', OLD.user_id::text) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'what a participant has read, only the participant says' USING ERRCODE = 'DR003';
    ELSIF
        identity.may(coalesce(NEW.team_id, OLD.team_id), 'write-chat')
        -- One may leave. What is deleted with the chat or the membership, by a foreign key, has been decided there.
        OR TG_OP = 'DELETE' AND (OLD.user_id::text = actor OR pg_trigger_depth() > 1)
    THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'this takes an admin of the team, or a member with the permission write-chat'
    USING ERRCODE = 'DR003';
END
$$;

COMMENT ON FUNCTION identity.require_participation() IS
'BEFORE a participant is added, changed or removed: refuses it, with SQLSTATE DR003, to who may not write chats of the
team; but one leaves a chat oneself, and nobody else says what one has read.';

CREATE TRIGGER require_participation BEFORE INSERT OR UPDATE OR DELETE ON identity.chat_participants
FOR EACH ROW EXECUTE FUNCTION identity.require_participation();
