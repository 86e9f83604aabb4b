-- The library: resources and their versions, what people do with them, and runs of them.
-- depends: 0009.studio

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA library;

COMMENT ON SCHEMA library IS
'The library: resources of users and teams, their versions and translations, bookmarks and views, and runs of them.';

GRANT USAGE ON SCHEMA library TO app_rw, app_ro;

-- Resources -----------------------------------------------------------------------------------------

CREATE TABLE library.resources (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    public_id text NOT NULL DEFAULT operations.new_public_id(),
    resource_type text NOT NULL,
    is_private boolean NOT NULL DEFAULT false,
    parent_id uuid,
    created_by_id uuid,
    owned_by_user_id uuid,
    owned_by_team_id uuid,
    has_complete_version boolean NOT NULL DEFAULT false,
    completed_at timestamptz,
    score integer NOT NULL DEFAULT 0,
    bookmarks bigint NOT NULL DEFAULT 0,
    views bigint NOT NULL DEFAULT 0,
    counted_at timestamptz,
    deleted_at timestamptz,
    deleted_by_id uuid,
    is_deleted boolean NOT NULL GENERATED ALWAYS AS (deleted_at IS NOT NULL) STORED,
    is_listed boolean NOT NULL GENERATED ALWAYS AS (
        has_complete_version AND NOT is_private AND deleted_at IS NULL
    ) STORED,
    audience uuid NOT NULL GENERATED ALWAYS AS (
        CASE WHEN is_private THEN coalesce(owned_by_user_id, owned_by_team_id, tenant_id) ELSE tenant_id END
    ) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_on date NOT NULL GENERATED ALWAYS AS ((created_at AT TIME ZONE 'UTC')::date) STORED,
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT resources_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT resources_parent_fkey FOREIGN KEY (tenant_id, parent_id)
    REFERENCES library.resources (tenant_id, id),
    CONSTRAINT resources_created_by_fkey FOREIGN KEY (tenant_id, created_by_id)
    REFERENCES identity.users (tenant_id, id),
    CONSTRAINT resources_owned_by_user_fkey FOREIGN KEY (tenant_id, owned_by_user_id)
    REFERENCES identity.users (tenant_id, id),
    CONSTRAINT resources_owned_by_team_fkey FOREIGN KEY (tenant_id, owned_by_team_id)
    REFERENCES identity.teams (tenant_id, id),
    CONSTRAINT resources_deleted_by_fkey FOREIGN KEY (tenant_id, deleted_by_id)
    REFERENCES identity.users (tenant_id, id),
    CONSTRAINT resources_public_id_key UNIQUE (tenant_id, public_id),
    CONSTRAINT resources_public_id_check CHECK (public_id ~ '^[A-Za-z0-9]{12}$'),
    CONSTRAINT resources_resource_type_check
    CHECK (NOT operations.is_blank(resource_type) AND length(resource_type) <= 32),
    CONSTRAINT resources_parent_check CHECK (parent_id <> id),
    CONSTRAINT resources_owner_check CHECK (
        num_nonnulls(owned_by_user_id, owned_by_team_id) BETWEEN is_private::integer AND 1
    ),
    CONSTRAINT resources_deleted_check CHECK (deleted_by_id IS NULL OR deleted_at IS NOT NULL),
    CONSTRAINT resources_counts_check CHECK (bookmarks >= 0 AND views >= 0)
);

COMMENT ON TABLE library.resources IS
'What users and teams keep and share: routines, APIs, projects, standards. What it says is in its versions.';
COMMENT ON COLUMN library.resources.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN library.resources.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN library.resources.public_id IS
'The id that people pass on: 12 characters A to Z, a to z and 0 to 9.';
COMMENT ON COLUMN library.resources.resource_type IS
'What kind of thing it is, such as Routine, Api, Project or Standard; 1 to 32 characters.';
COMMENT ON COLUMN library.resources.is_private IS
'Whether only its owner sees it, by row-level security.';
COMMENT ON COLUMN library.resources.parent_id IS
'The resource that it is a part of; NULL if it is none''s.';
COMMENT ON COLUMN library.resources.created_by_id IS
'The user who created it; NULL if a service did.';
COMMENT ON COLUMN library.resources.owned_by_user_id IS
'The user whose it is; NULL if it is a team''s, or nobody''s.';
COMMENT ON COLUMN library.resources.owned_by_team_id IS
'The team whose it is; NULL if it is a user''s, or nobody''s.';
COMMENT ON COLUMN library.resources.has_complete_version IS
'Whether a version is complete; kept by library.add_version() and library.follow_version(). A new resource says it
itself if one comes with it.';
COMMENT ON COLUMN library.resources.completed_at IS
'When the first complete version was there; kept with has_complete_version, and never moved.';
COMMENT ON COLUMN library.resources.score IS
'How good it is, as those who manage the library rate it; may be negative.';
COMMENT ON COLUMN library.resources.bookmarks IS
'How many users keep it; kept by library.count_bookmark().';
COMMENT ON COLUMN library.resources.views IS
'On how many days how many users looked at it, in sum; kept by library.count_view().';
COMMENT ON COLUMN library.resources.counted_at IS
'When bookmarks and views were last counted anew, by library.recount(); NULL if never.';
COMMENT ON COLUMN library.resources.deleted_at IS
'When it was deleted; NULL while it is not. A deleted one can be restored.';
COMMENT ON COLUMN library.resources.deleted_by_id IS
'The user who deleted it; NULL if a service did, or nobody has.';
COMMENT ON COLUMN library.resources.is_deleted IS 'Whether it was deleted.';
COMMENT ON COLUMN library.resources.is_listed IS
'Whether everybody finds it, in lists and by search: what is complete, public and not deleted.';
COMMENT ON COLUMN library.resources.audience IS
'Who sees it: the tenant, its user or its team. Row-level security compares it.';
COMMENT ON COLUMN library.resources.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN library.resources.created_on IS 'The day of its creation, in UTC.';
COMMENT ON COLUMN library.resources.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN library.resources.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT resources_parent_fkey ON library.resources IS
'parent_id: there is no such resource, or it is the parent of others';
COMMENT ON CONSTRAINT resources_created_by_fkey ON library.resources IS
'created_by_id: there is no such user';
COMMENT ON CONSTRAINT resources_owned_by_user_fkey ON library.resources IS
'owned_by_user_id: there is no such user';
COMMENT ON CONSTRAINT resources_owned_by_team_fkey ON library.resources IS
'owned_by_team_id: there is no such team, or it has resources';
COMMENT ON CONSTRAINT resources_deleted_by_fkey ON library.resources IS
'deleted_by_id: there is no such user';
COMMENT ON CONSTRAINT resources_public_id_key ON library.resources IS
'public_id: another resource has it';
COMMENT ON CONSTRAINT resources_public_id_check ON library.resources IS
'public_id: must be 12 letters and digits';
COMMENT ON CONSTRAINT resources_resource_type_check ON library.resources IS
'resource_type: must have 1 to 32 characters that are not blank';
COMMENT ON CONSTRAINT resources_parent_check ON library.resources IS
'parent_id: a resource is not its own parent';
COMMENT ON CONSTRAINT resources_owner_check ON library.resources IS
'owned_by_team_id: a resource has one owner at most, and a private one has one';
COMMENT ON CONSTRAINT resources_deleted_check ON library.resources IS
'deleted_by_id: only a deleted resource has it';
COMMENT ON CONSTRAINT resources_counts_check ON library.resources IS
'bookmarks: no count is negative';

-- Everybody's lists have what is listed: by type, in five orders, and what is trending, by day. Rows that a list leaves
-- out are in none of its indexes, so it reads as many rows as it shows, whoever else keeps what in private.
CREATE INDEX resources_type ON library.resources (tenant_id, resource_type, id) WHERE is_listed;
CREATE INDEX resources_updated ON library.resources (tenant_id, resource_type, updated_at, id) WHERE is_listed;
CREATE INDEX resources_score ON library.resources (tenant_id, resource_type, score, id) WHERE is_listed;
CREATE INDEX resources_bookmarks ON library.resources (tenant_id, resource_type, bookmarks, id) WHERE is_listed;
CREATE INDEX resources_views ON library.resources (tenant_id, resource_type, views, id) WHERE is_listed;
CREATE INDEX resources_trending ON library.resources (tenant_id, created_on, score, bookmarks, views, id)
WHERE is_listed;
CREATE INDEX resources_deleted ON library.resources (tenant_id, deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX resources_owned_by_user ON library.resources (tenant_id, owned_by_user_id, is_deleted, id)
WHERE owned_by_user_id IS NOT NULL;
CREATE INDEX resources_owned_by_team ON library.resources (tenant_id, owned_by_team_id, is_deleted, is_private, id)
WHERE owned_by_team_id IS NOT NULL;
CREATE INDEX resources_parent ON library.resources (tenant_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX resources_created_by ON library.resources (tenant_id, created_by_id) WHERE created_by_id IS NOT NULL;
CREATE INDEX resources_deleted_by ON library.resources (tenant_id, deleted_by_id) WHERE deleted_by_id IS NOT NULL;

CALL operations.protect(
    'library.resources', rows => 'team',
    shown => '{is_private,has_complete_version,completed_at,deleted_at,created_at}',
    published => '{resource_type,parent_id,created_by_id,owned_by_user_id,owned_by_team_id,score,deleted_by_id}',
    fixed => '{public_id,resource_type,parent_id,created_by_id,created_at}',
    kept => '{has_complete_version,completed_at,bookmarks,views}',
    given => '{has_complete_version,completed_at}',
    quiet => '{bookmarks,views,counted_at}'
);

CREATE FUNCTION library.may_change(owned_by_user_id uuid, owned_by_team_id uuid, permission text) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF coalesce(current_setting('app.user_id', true), '') = 'any' THEN
        RETURN true;
    ELSIF owned_by_team_id IS NOT NULL THEN
        RETURN identity.may(owned_by_team_id, permission);
    END IF;
    -- What is nobody's a service brought in that acts for nobody.
    RETURN coalesce(owned_by_user_id::text, '') = coalesce(current_setting('app.user_id', true), '');
END
$$;

COMMENT ON FUNCTION library.may_change(uuid, uuid, text) IS
'Whether the user who acts may change what a user or a team owns: the owner, a member of the team with the permission,
or who sees the rows of all users. What has no owner is for a service that acts for nobody.';

GRANT EXECUTE ON FUNCTION library.may_change(uuid, uuid, text) TO app_rw, app_ro;

CREATE FUNCTION library.require_owner() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    actor CONSTANT text := coalesce(current_setting('app.user_id', true), '');
    gets_owner CONSTANT boolean := TG_OP = 'INSERT'
        OR OLD.owned_by_user_id IS DISTINCT FROM NEW.owned_by_user_id
        OR OLD.owned_by_team_id IS DISTINCT FROM NEW.owned_by_team_id;
BEGIN
    -- One change may be both, and takes both permissions.
    IF
        TG_OP = 'UPDATE'
        AND (
            (gets_owner OR OLD.is_private <> NEW.is_private)
            AND NOT library.may_change(OLD.owned_by_user_id, OLD.owned_by_team_id, 'write-resources')
            OR (OLD.deleted_at IS DISTINCT FROM NEW.deleted_at OR OLD.deleted_by_id IS DISTINCT FROM NEW.deleted_by_id)
            AND NOT library.may_change(OLD.owned_by_user_id, OLD.owned_by_team_id, 'delete-resources')
        )
    THEN
        RAISE EXCEPTION 'the resource is for its owner to change' USING ERRCODE = 'DR003';
    END IF;
    IF gets_owner AND NOT library.may_change(NEW.owned_by_user_id, NEW.owned_by_team_id, 'write-resources') THEN
        RAISE EXCEPTION 'the owner must be the user who acts, or a team in which the user may write resources'
        USING ERRCODE = 'DR003';
    END IF;
    IF
        actor <> 'any'
        AND (
            TG_OP = 'INSERT' AND NEW.created_by_id::text <> actor
            OR OLD.deleted_by_id IS DISTINCT FROM NEW.deleted_by_id AND NEW.deleted_by_id::text <> actor
        )
    THEN
        RAISE EXCEPTION 'who creates or deletes a resource is the user who acts' USING ERRCODE = 'DR003';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.require_owner() IS
'BEFORE a resource is created or changed: refuses it, with SQLSTATE DR003, to who is neither its owner nor a member of
the owning team with the permission, and to who names somebody else as its creator, or as who deletes it.';

CREATE TRIGGER require_owner BEFORE INSERT ON library.resources
FOR EACH ROW EXECUTE FUNCTION library.require_owner();

CREATE TRIGGER require_owner_to_change BEFORE UPDATE ON library.resources
FOR EACH ROW WHEN (
    old.is_private <> new.is_private
    OR old.owned_by_user_id IS DISTINCT FROM new.owned_by_user_id
    OR old.owned_by_team_id IS DISTINCT FROM new.owned_by_team_id
    OR old.deleted_at IS DISTINCT FROM new.deleted_at
    OR old.deleted_by_id IS DISTINCT FROM new.deleted_by_id
)
EXECUTE FUNCTION library.require_owner();

CREATE FUNCTION library.require_manager() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF coalesce(current_setting('app.user_id', true), '') <> 'any' THEN
        RAISE EXCEPTION 'the score is for those to set who manage the library' USING ERRCODE = 'DR003';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.require_manager() IS
'BEFORE a score is set: refuses it, with SQLSTATE DR003, to who does not see the rows of all users.';

CREATE TRIGGER require_manager_on_insert BEFORE INSERT ON library.resources
FOR EACH ROW WHEN (new.score <> 0) EXECUTE FUNCTION library.require_manager();

CREATE TRIGGER require_manager BEFORE UPDATE ON library.resources
FOR EACH ROW WHEN (old.score <> new.score) EXECUTE FUNCTION library.require_manager();

CREATE FUNCTION library.time_completion() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    -- Not now(): on a cluster another server's clock told when it was created.
    NEW.completed_at := CASE WHEN NEW.has_complete_version THEN NEW.created_at END;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.time_completion() IS
'BEFORE a resource is added: with a complete version it has one since it was created, whatever was given.';

CREATE TRIGGER time_completion BEFORE INSERT ON library.resources
FOR EACH ROW WHEN (new.has_complete_version OR new.completed_at IS NOT NULL)
EXECUTE FUNCTION library.time_completion();

CREATE FUNCTION library.time_deletion() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.deleted_at := CASE WHEN NEW.deleted_at IS NOT NULL THEN coalesce(OLD.deleted_at, now()) END;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.time_deletion() IS
'BEFORE a resource is deleted or restored: when it was deleted is for the database to say.';

CREATE TRIGGER time_deletion BEFORE INSERT ON library.resources
FOR EACH ROW WHEN (new.deleted_at IS NOT NULL)
EXECUTE FUNCTION library.time_deletion();

CREATE TRIGGER time_changed_deletion BEFORE UPDATE ON library.resources
FOR EACH ROW WHEN (old.deleted_at IS DISTINCT FROM new.deleted_at)
EXECUTE FUNCTION library.time_deletion();

-- Versions ------------------------------------------------------------------------------------------

CREATE TABLE library.resource_versions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    public_id text NOT NULL DEFAULT operations.new_public_id(),
    root_id uuid NOT NULL,
    version_index integer NOT NULL,
    version_label text NOT NULL DEFAULT '1.0.0',
    config jsonb NOT NULL DEFAULT '{}',
    is_complete boolean NOT NULL DEFAULT false,
    is_latest boolean NOT NULL DEFAULT true,
    version_notes text,
    times_started bigint NOT NULL DEFAULT 0,
    times_completed bigint NOT NULL DEFAULT 0,
    audience uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT resource_versions_root_fkey FOREIGN KEY (tenant_id, root_id)
    REFERENCES library.resources (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT resource_versions_public_id_key UNIQUE (tenant_id, public_id),
    CONSTRAINT resource_versions_version_index_key UNIQUE (tenant_id, root_id, version_index),
    CONSTRAINT resource_versions_public_id_check CHECK (public_id ~ '^[A-Za-z0-9]{12}$'),
    CONSTRAINT resource_versions_version_index_check CHECK (version_index >= 0),
    CONSTRAINT resource_versions_version_label_check
    CHECK (NOT operations.is_blank(version_label) AND length(version_label) <= 16),
    CONSTRAINT resource_versions_config_check
    CHECK (jsonb_typeof(config) = 'object' AND octet_length(config::text) < 65536),
    CONSTRAINT resource_versions_version_notes_check CHECK (length(version_notes) <= 4096),
    CONSTRAINT resource_versions_counts_check CHECK (times_started >= 0 AND times_completed >= 0)
);

COMMENT ON TABLE library.resource_versions IS
'What a resource is at a time: versions are numbered without a gap, and the last one is the latest.';
COMMENT ON COLUMN library.resource_versions.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN library.resource_versions.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN library.resource_versions.public_id IS
'The id that people pass on: 12 characters A to Z, a to z and 0 to 9.';
COMMENT ON COLUMN library.resource_versions.root_id IS 'The resource.';
COMMENT ON COLUMN library.resource_versions.version_index IS
'Counts the versions of the resource, from 0; given by library.add_version().';
COMMENT ON COLUMN library.resource_versions.version_label IS
'What people call the version, such as 1.0.0; 1 to 16 characters.';
COMMENT ON COLUMN library.resource_versions.config IS
'What the resource is made of: any JSON object under 64 KB.';
COMMENT ON COLUMN library.resource_versions.is_complete IS 'Whether it can be used.';
COMMENT ON COLUMN library.resource_versions.is_latest IS
'Whether it is the last one; kept by library.add_version().';
COMMENT ON COLUMN library.resource_versions.version_notes IS
'What is new in it, at most 4096 characters; NULL if nobody said.';
COMMENT ON COLUMN library.resource_versions.times_started IS
'How many runs of it were started; kept by library.count_run().';
COMMENT ON COLUMN library.resource_versions.times_completed IS
'How many of them were completed; kept by library.count_run().';
COMMENT ON COLUMN library.resource_versions.audience IS
'Who sees it, as the resource; kept by operations.inherit_audience().';
COMMENT ON COLUMN library.resource_versions.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN library.resource_versions.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN library.resource_versions.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT resource_versions_root_fkey ON library.resource_versions IS
'root_id: there is no such resource';
COMMENT ON CONSTRAINT resource_versions_public_id_key ON library.resource_versions IS
'public_id: another version has it';
COMMENT ON CONSTRAINT resource_versions_version_index_key ON library.resource_versions IS
'version_index: the resource has such a version';
COMMENT ON CONSTRAINT resource_versions_public_id_check ON library.resource_versions IS
'public_id: must be 12 letters and digits';
COMMENT ON CONSTRAINT resource_versions_version_index_check ON library.resource_versions IS
'version_index: counts from 0';
COMMENT ON CONSTRAINT resource_versions_version_label_check ON library.resource_versions IS
'version_label: must have 1 to 16 characters that are not blank';
COMMENT ON CONSTRAINT resource_versions_config_check ON library.resource_versions IS
'config: must be an object, and under 64 KB';
COMMENT ON CONSTRAINT resource_versions_version_notes_check ON library.resource_versions IS
'version_notes: must have at most 4096 characters';
COMMENT ON CONSTRAINT resource_versions_counts_check ON library.resource_versions IS
'times_started: no count is negative';

CREATE UNIQUE INDEX resource_versions_latest_key ON library.resource_versions (tenant_id, root_id) WHERE is_latest;
COMMENT ON INDEX library.resource_versions_latest_key IS 'is_latest: another version of the resource is the latest';

CALL operations.protect(
    'library.resource_versions', rows => 'team',
    shown => '{root_id,version_index,is_complete,is_latest,created_at}',
    published => '{version_label}',
    fixed => '{public_id,root_id,version_index,created_at}',
    kept => '{is_latest,times_started,times_completed}',
    quiet => '{times_started,times_completed}'
);

CALL operations.inherit_audience('library.resource_versions', parent => 'library.resources', reference => 'root_id');

CREATE FUNCTION library.require_change(tenant_id uuid, resource_id uuid) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    is_deleted boolean;
    may_change boolean;
BEGIN
    SELECT
        r.is_deleted,
        library.may_change(r.owned_by_user_id, r.owned_by_team_id, 'write-resources')
    INTO is_deleted, may_change
    FROM library.resources AS r
    WHERE r.tenant_id = require_change.tenant_id
        AND r.id = require_change.resource_id;
    IF NOT may_change THEN
        RAISE EXCEPTION 'the resource is for its owner to change' USING ERRCODE = 'DR003';
    ELSIF is_deleted THEN
        RAISE EXCEPTION 'the resource is deleted' USING ERRCODE = 'DR001';
    END IF;
END
$$;

COMMENT ON FUNCTION library.require_change(uuid, uuid) IS
'Refuses it, with SQLSTATE DR003, when the user who acts may not change a resource, and with DR001 when that is deleted.
One that is not there, or not to be seen, is for foreign keys and policies to refuse.';

GRANT EXECUTE ON FUNCTION library.require_change(uuid, uuid) TO app_rw;

CREATE FUNCTION library.require_owner_of_version() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM library.require_change(NEW.tenant_id, NEW.root_id);
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.require_owner_of_version() IS 'BEFORE a version is changed: library.require_change().';

CREATE TRIGGER require_owner BEFORE UPDATE ON library.resource_versions
FOR EACH ROW WHEN (
    old.version_label <> new.version_label
    OR old.config <> new.config
    OR old.is_complete <> new.is_complete
    OR old.version_notes IS DISTINCT FROM new.version_notes
)
EXECUTE FUNCTION library.require_owner_of_version();

CREATE FUNCTION library.add_version() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    present CONSTANT timestamptz := now();
BEGIN
    PERFORM library.require_change(NEW.tenant_id, NEW.root_id);
    -- The resource is locked by now, by inherit_audience.
    UPDATE library.resource_versions AS v
    SET is_latest = false
    WHERE v.tenant_id = NEW.tenant_id
        AND v.root_id = NEW.root_id
        AND v.is_latest
    RETURNING v.version_index + 1 INTO NEW.version_index;
    NEW.version_index := coalesce(NEW.version_index, 0);
    NEW.is_latest := true;
    IF NEW.is_complete THEN
        UPDATE library.resources AS r
        SET
            has_complete_version = true,
            completed_at = coalesce(r.completed_at, present)
        WHERE r.tenant_id = NEW.tenant_id
            AND r.id = NEW.root_id
            AND NOT r.has_complete_version;
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.add_version() IS
'BEFORE a version is added: library.require_change(). It has the next index, whatever was given, and is the latest from
now on, and the one before no more; if it is complete, the resource has a complete version. Runs after inherit_audience,
by its name, which locks the resource.';

CREATE TRIGGER number_version BEFORE INSERT ON library.resource_versions
FOR EACH ROW EXECUTE FUNCTION library.add_version();

CREATE FUNCTION library.follow_version() RETURNS trigger
LANGUAGE plpgsql
SET "app.user_id" = 'any'
AS $$
DECLARE
    complete boolean;
    completion timestamptz;
BEGIN
    -- Two versions may change at once: the second waits, and sees what the first did.
    PERFORM
    FROM library.resources AS r
    WHERE r.tenant_id = NEW.tenant_id
        AND r.id = NEW.root_id
    FOR NO KEY UPDATE;
    complete := NEW.is_complete OR EXISTS (
        SELECT FROM library.resource_versions AS v
        WHERE v.tenant_id = NEW.tenant_id
            AND v.root_id = NEW.root_id
            AND v.is_complete
    );
    completion := CASE WHEN complete THEN now() END;
    UPDATE library.resources AS r
    SET
        has_complete_version = complete,
        completed_at = coalesce(r.completed_at, completion)
    WHERE r.tenant_id = NEW.tenant_id
        AND r.id = NEW.root_id
        AND r.has_complete_version <> complete;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION library.follow_version() IS
'AFTER a version became complete, or is not any more: the resource says whether it has a complete one, and since when it
had the first.';

CREATE TRIGGER follow_version AFTER UPDATE ON library.resource_versions
FOR EACH ROW WHEN (old.is_complete <> new.is_complete) EXECUTE FUNCTION library.follow_version();

CREATE FUNCTION library.require_complete_version() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM library.resource_versions AS v
        WHERE v.tenant_id = NEW.tenant_id
            AND v.root_id = NEW.id
            AND v.is_complete
    ) THEN
        RAISE EXCEPTION 'the resource has no complete version: violates constraint "%"', TG_NAME
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION library.require_complete_version() IS
'AFTER a resource was added that says it has a complete version: the version must have come with it.';

CREATE CONSTRAINT TRIGGER resources_complete_check AFTER INSERT ON library.resources
DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (new.has_complete_version)
EXECUTE FUNCTION library.require_complete_version();

COMMENT ON CONSTRAINT resources_complete_check ON library.resources IS
'has_complete_version: a complete version must come with the resource';

-- Translations --------------------------------------------------------------------------------------

CREATE TABLE library.resource_translations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    version_id uuid NOT NULL,
    language text NOT NULL,
    name text NOT NULL,
    description text,
    details text,
    instructions text,
    audience uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT resource_translations_version_fkey FOREIGN KEY (tenant_id, version_id)
    REFERENCES library.resource_versions (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT resource_translations_language_key UNIQUE (tenant_id, version_id, language),
    CONSTRAINT resource_translations_language_check CHECK (language ~ '^[a-z]{2,3}$'),
    CONSTRAINT resource_translations_name_check
    CHECK (NOT operations.is_blank(name) AND length(name) <= 128),
    CONSTRAINT resource_translations_description_check CHECK (length(description) <= 2048),
    CONSTRAINT resource_translations_details_check CHECK (length(details) <= 16384),
    CONSTRAINT resource_translations_instructions_check CHECK (length(instructions) <= 16384)
);

COMMENT ON TABLE library.resource_translations IS
'What a version is called and how it is described, in each language.';
COMMENT ON COLUMN library.resource_translations.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN library.resource_translations.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN library.resource_translations.version_id IS 'The version.';
COMMENT ON COLUMN library.resource_translations.language IS
'As an ISO 639 code in lower case, such as en.';
COMMENT ON COLUMN library.resource_translations.name IS 'What people call it; 1 to 128 characters.';
COMMENT ON COLUMN library.resource_translations.description IS
'What it is, at most 2048 characters; NULL if nobody said.';
COMMENT ON COLUMN library.resource_translations.details IS
'How it works, at most 16,384 characters; NULL if nobody said.';
COMMENT ON COLUMN library.resource_translations.instructions IS
'How to use it, at most 16,384 characters; NULL if nobody said.';
COMMENT ON COLUMN library.resource_translations.audience IS
'Who sees it, as the version; kept by operations.inherit_audience().';
COMMENT ON COLUMN library.resource_translations.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN library.resource_translations.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN library.resource_translations.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT resource_translations_version_fkey ON library.resource_translations IS
'version_id: there is no such version';
COMMENT ON CONSTRAINT resource_translations_language_key ON library.resource_translations IS
'language: the version has a translation into it';
COMMENT ON CONSTRAINT resource_translations_language_check ON library.resource_translations IS
'language: must be a code of ISO 639, such as en';
COMMENT ON CONSTRAINT resource_translations_name_check ON library.resource_translations IS
'name: must have 1 to 128 characters that are not blank';
COMMENT ON CONSTRAINT resource_translations_description_check ON library.resource_translations IS
'description: must have at most 2048 characters';
COMMENT ON CONSTRAINT resource_translations_details_check ON library.resource_translations IS
'details: must have at most 16,384 characters';
COMMENT ON CONSTRAINT resource_translations_instructions_check ON library.resource_translations IS
'instructions: must have at most 16,384 characters';

CALL operations.protect(
    'library.resource_translations', rows => 'team',
    shown => '{version_id,created_at}',
    published => '{language,name,description}',
    fixed => '{version_id,language,created_at}',
    writes => '{INSERT,UPDATE,DELETE}'
);

CALL operations.inherit_audience(
    'library.resource_translations', parent => 'library.resource_versions', reference => 'version_id'
);

CREATE FUNCTION library.require_owner_of_translation() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    translated record;
BEGIN
    IF TG_OP = 'DELETE' THEN
        translated := OLD;
    ELSE
        translated := NEW;
    END IF;
    PERFORM library.require_change(v.tenant_id, v.root_id)
    FROM library.resource_versions AS v
    WHERE v.tenant_id = translated.tenant_id
        AND v.id = translated.version_id;
    RETURN translated;
END
$$;

COMMENT ON FUNCTION library.require_owner_of_translation() IS
'BEFORE a translation is created, changed or deleted: library.require_change().';

CREATE TRIGGER require_owner BEFORE INSERT ON library.resource_translations
FOR EACH ROW EXECUTE FUNCTION library.require_owner_of_translation();

-- Not for what follows from the version.
CREATE TRIGGER require_owner_to_change BEFORE UPDATE OR DELETE ON library.resource_translations
FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION library.require_owner_of_translation();

-- Search --------------------------------------------------------------------------------------------

CREATE TABLE library.resource_words (
    tenant_id uuid NOT NULL,
    word text COLLATE "C" NOT NULL,
    score integer NOT NULL,
    id uuid NOT NULL,
    PRIMARY KEY (tenant_id, word, score, id)
);

COMMENT ON TABLE library.resource_words IS
'The words of each listed resource, for the search: of all translations of its latest version, and its type. A search
has the best first, so the score is in the key. Kept by triggers on resources, versions and translations, and gone with
the tenant.';
COMMENT ON COLUMN library.resource_words.tenant_id IS
'The tenant: leads the key, and row-level security compares it.';
COMMENT ON COLUMN library.resource_words.word IS
'A word of a name or a description, reduced to its English stem whatever the language; or a blank and the resource''s
type, which no word begins with.';
COMMENT ON COLUMN library.resource_words.score IS 'The score of the resource.';
COMMENT ON COLUMN library.resource_words.id IS 'The resource.';

CALL operations.protect(
    'library.resource_words', rows => 'tenant', writes => '{INSERT,DELETE}', recorded => false, derived => true
);

CREATE FUNCTION library.words_of(name text, description text) RETURNS text []
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN tsvector_to_array(to_tsvector('english', concat_ws(' ', name, description)));
END
$$;

COMMENT ON FUNCTION library.words_of(text, text) IS 'The words of a translation by which a resource is found.';

GRANT EXECUTE ON FUNCTION library.words_of(text, text) TO app_rw, app_ro;

CREATE FUNCTION library.index_resource() RETURNS trigger
LANGUAGE plpgsql
SET "app.user_id" = 'any'
AS $$
DECLARE
    words CONSTANT text[] := array(
        SELECT DISTINCT w.word
        FROM library.resource_versions AS v
        INNER JOIN library.resource_translations AS t
            ON t.tenant_id = OLD.tenant_id
            AND t.version_id = v.id
        CROSS JOIN unnest(library.words_of(t.name, t.description)) AS w (word)
        WHERE v.tenant_id = OLD.tenant_id
            AND v.root_id = OLD.id
            AND v.is_latest
    ) || (' ' || OLD.resource_type);
BEGIN
    IF OLD.is_listed THEN
        DELETE FROM library.resource_words AS w
        WHERE w.tenant_id = OLD.tenant_id AND w.word = ANY (words) AND w.score = OLD.score AND w.id = OLD.id;
    END IF;
    IF NEW.is_listed THEN
        INSERT INTO library.resource_words (tenant_id, word, score, id)
        SELECT NEW.tenant_id, w.word, NEW.score, NEW.id
        FROM unnest(words) AS w (word)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION library.index_resource() IS
'AFTER a resource is listed, or is not any more, or has another score: keeps its words in library.resource_words.';

CREATE TRIGGER index_words AFTER UPDATE ON library.resources
FOR EACH ROW WHEN (old.is_listed <> new.is_listed OR new.is_listed AND old.score <> new.score)
EXECUTE FUNCTION library.index_resource();

CREATE FUNCTION library.forget_words() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM library.resource_words AS w
    WHERE w.tenant_id = OLD.id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION library.forget_words() IS
'AFTER a tenant is erased: its words go, too, which no foreign key says, lest each word look for its tenant.';

CREATE TRIGGER forget_resource_words AFTER DELETE ON identity.tenants
FOR EACH ROW EXECUTE FUNCTION library.forget_words();

CREATE FUNCTION library.index_version() RETURNS trigger
LANGUAGE plpgsql
SET "app.user_id" = 'any'
AS $$
DECLARE
    -- Apart from the DELETE, which finds them by the index only if they are given.
    words CONSTANT text[] := array(
        SELECT DISTINCT w.word
        FROM library.resource_translations AS t
        CROSS JOIN unnest(library.words_of(t.name, t.description)) AS w (word)
        WHERE t.tenant_id = NEW.tenant_id
            AND t.version_id = NEW.id
    );
BEGIN
    DELETE FROM library.resource_words AS w
    USING library.resources AS r
    WHERE r.tenant_id = NEW.tenant_id
        AND r.id = NEW.root_id
        AND r.is_listed
        AND w.tenant_id = NEW.tenant_id
        AND w.word = ANY (words)
        AND w.score = r.score
        AND w.id = NEW.root_id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION library.index_version() IS
'AFTER a version is no longer the latest: removes its words from library.resource_words.';

CREATE TRIGGER index_words AFTER UPDATE ON library.resource_versions
FOR EACH ROW WHEN (old.is_latest AND NOT new.is_latest) EXECUTE FUNCTION library.index_version();

CREATE FUNCTION library.index_translation() RETURNS trigger
LANGUAGE plpgsql
SET "app.user_id" = 'any'
AS $$
DECLARE
    translated record;
    listed record;
BEGIN
    IF TG_OP = 'DELETE' THEN
        translated := OLD;
    ELSE
        translated := NEW;
    END IF;
    -- Locked, lest it be listed no more meanwhile, or have another score.
    SELECT
        r.id,
        r.score,
        r.resource_type
    INTO listed
    FROM library.resource_versions AS v
    INNER JOIN library.resources AS r
        ON r.tenant_id = translated.tenant_id
        AND r.id = v.root_id
    WHERE v.tenant_id = translated.tenant_id
        AND v.id = translated.version_id
        AND v.is_latest
        AND r.is_listed
    FOR NO KEY UPDATE OF r;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM library.resource_words AS w
        WHERE w.tenant_id = OLD.tenant_id
            AND w.word = ANY (library.words_of(OLD.name, OLD.description))
            AND w.score = listed.score
            AND w.id = listed.id
            -- Unless another translation has it.
            AND w.word <> ALL (
                SELECT unnest(library.words_of(t.name, t.description))
                FROM library.resource_translations AS t
                WHERE t.tenant_id = OLD.tenant_id
                    AND t.version_id = OLD.version_id
            );
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO library.resource_words (tenant_id, word, score, id)
        SELECT NEW.tenant_id, w.word, listed.score, listed.id
        FROM unnest(library.words_of(NEW.name, NEW.description) || (' ' || listed.resource_type)) AS w (word)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION library.index_translation() IS
'AFTER a translation is created, changed or deleted: keeps its words in library.resource_words, if it is of the latest
version of a listed resource.';

CREATE TRIGGER index_words AFTER INSERT OR DELETE ON library.resource_translations
FOR EACH ROW EXECUTE FUNCTION library.index_translation();

CREATE TRIGGER index_changed_words AFTER UPDATE ON library.resource_translations
FOR EACH ROW WHEN (old.name <> new.name OR old.description IS DISTINCT FROM new.description)
EXECUTE FUNCTION library.index_translation();

-- Bookmarks and views -------------------------------------------------------------------------------

CREATE TABLE library.bookmarks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    user_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT bookmarks_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT bookmarks_resource_fkey FOREIGN KEY (tenant_id, resource_id)
    REFERENCES library.resources (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT bookmarks_resource_key UNIQUE (tenant_id, resource_id, user_id)
);

COMMENT ON TABLE library.bookmarks IS
'The resources that a user keeps: a row of the user''s own for each.';
COMMENT ON COLUMN library.bookmarks.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN library.bookmarks.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN library.bookmarks.user_id IS
'The user whose bookmark it is: row-level security compares it.';
COMMENT ON COLUMN library.bookmarks.resource_id IS 'The resource.';
COMMENT ON COLUMN library.bookmarks.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON CONSTRAINT bookmarks_user_fkey ON library.bookmarks IS 'user_id: there is no such user';
COMMENT ON CONSTRAINT bookmarks_resource_fkey ON library.bookmarks IS
'resource_id: there is no such resource';
COMMENT ON CONSTRAINT bookmarks_resource_key ON library.bookmarks IS
'resource_id: the user keeps it';

CREATE INDEX bookmarks_user ON library.bookmarks (tenant_id, user_id, id);

CALL operations.protect(
    'library.bookmarks', rows => 'user',
    shown => '{user_id,resource_id,created_at}',
    writes => '{INSERT,DELETE}'
);

CREATE TABLE library.resource_views (
    tenant_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    user_id uuid NOT NULL,
    viewed_on date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    PRIMARY KEY (tenant_id, resource_id, user_id, viewed_on),
    CONSTRAINT resource_views_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT resource_views_resource_fkey FOREIGN KEY (tenant_id, resource_id)
    REFERENCES library.resources (tenant_id, id) ON DELETE CASCADE
);

COMMENT ON TABLE library.resource_views IS
'On which days a user looked at a resource: once a day counts.';
COMMENT ON COLUMN library.resource_views.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN library.resource_views.resource_id IS 'The resource.';
COMMENT ON COLUMN library.resource_views.user_id IS 'The user: row-level security compares it.';
COMMENT ON COLUMN library.resource_views.viewed_on IS 'The day, in UTC.';
COMMENT ON CONSTRAINT resource_views_user_fkey ON library.resource_views IS
'user_id: there is no such user';
COMMENT ON CONSTRAINT resource_views_resource_fkey ON library.resource_views IS
'resource_id: there is no such resource';

CREATE INDEX resource_views_user ON library.resource_views (tenant_id, user_id);

CALL operations.protect(
    'library.resource_views', rows => 'user',
    writes => '{INSERT}',
    recorded => false
);

CREATE FUNCTION library.require_sight() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    is_deleted boolean;
BEGIN
    SELECT r.is_deleted
    INTO is_deleted
    FROM library.resources AS r
    WHERE r.tenant_id = NEW.tenant_id
        AND r.id = NEW.resource_id;
    IF NOT FOUND THEN
        -- As the foreign key says it of what is not there, which sees more than the user does.
        RAISE EXCEPTION 'there is no such resource: violates constraint "%"', TG_ARGV[0] USING
            ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, CONSTRAINT = TG_ARGV[0];
    ELSIF is_deleted THEN
        RAISE EXCEPTION 'the resource is deleted' USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.require_sight() IS
'BEFORE a user keeps a resource or looks at it: refuses it where the user does not see the resource, and with SQLSTATE
DR001 when that is deleted. Argument: the foreign key.';

CREATE TRIGGER require_sight BEFORE INSERT ON library.bookmarks
FOR EACH ROW EXECUTE FUNCTION library.require_sight('bookmarks_resource_fkey');

CREATE TRIGGER require_sight BEFORE INSERT ON library.resource_views
FOR EACH ROW EXECUTE FUNCTION library.require_sight('resource_views_resource_fkey');

CREATE FUNCTION library.date_view() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.viewed_on := (now() AT TIME ZONE 'UTC')::date;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.date_view() IS
'BEFORE a user looks at a resource: on which day is for the database to say, as each day counts.';

CREATE TRIGGER date_view BEFORE INSERT ON library.resource_views
FOR EACH ROW WHEN (new.viewed_on <> (now() AT TIME ZONE 'UTC')::date)
EXECUTE FUNCTION library.date_view();

CREATE FUNCTION library.count_bookmark() RETURNS trigger
LANGUAGE plpgsql
-- The resource may have become private since.
SET "app.user_id" = 'any'
AS $$
DECLARE
    bookmark CONSTANT library.bookmarks := coalesce(NEW, OLD);
BEGIN
    UPDATE library.resources AS r
    SET bookmarks = greatest(r.bookmarks + CASE WHEN TG_OP = 'INSERT' THEN 1 ELSE -1 END, 0)
    WHERE r.tenant_id = bookmark.tenant_id
        AND r.id = bookmark.resource_id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION library.count_bookmark() IS
'AFTER a bookmark is made or removed: the resource counts it, in the same statement.';

CREATE TRIGGER count_bookmark AFTER INSERT OR DELETE ON library.bookmarks
FOR EACH ROW EXECUTE FUNCTION library.count_bookmark();

CREATE FUNCTION library.count_view() RETURNS trigger
LANGUAGE plpgsql
SET "app.user_id" = 'any'
AS $$
BEGIN
    UPDATE library.resources AS r
    SET views = r.views + 1
    WHERE r.tenant_id = NEW.tenant_id
        AND r.id = NEW.resource_id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION library.count_view() IS 'AFTER a user looked at a resource the first time on a day: counts it.';

CREATE TRIGGER count_view AFTER INSERT ON library.resource_views
FOR EACH ROW EXECUTE FUNCTION library.count_view();

-- Runs ----------------------------------------------------------------------------------------------

CREATE TABLE library.runs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    version_id uuid NOT NULL,
    user_id uuid NOT NULL,
    team_id uuid,
    name text NOT NULL,
    is_private boolean NOT NULL DEFAULT true,
    was_run_automatically boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'scheduled',
    data jsonb NOT NULL DEFAULT '{}',
    due_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 3,
    locked_by text,
    lease_id uuid,
    lease_expires_at timestamptz,
    error text,
    started_at timestamptz,
    completed_at timestamptz,
    time_elapsed integer,
    completed_complexity integer NOT NULL DEFAULT 0,
    context_switches integer NOT NULL DEFAULT 0,
    audience uuid NOT NULL GENERATED ALWAYS AS (
        CASE WHEN is_private THEN coalesce(team_id, user_id) ELSE tenant_id END
    ) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT runs_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT runs_version_fkey FOREIGN KEY (tenant_id, version_id)
    REFERENCES library.resource_versions (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT runs_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT runs_team_fkey FOREIGN KEY (tenant_id, team_id)
    REFERENCES identity.teams (tenant_id, id),
    CONSTRAINT runs_name_check CHECK (NOT operations.is_blank(name) AND length(name) <= 128),
    CONSTRAINT runs_status_check CHECK (
        status IN ('scheduled', 'in_progress', 'paused', 'completed', 'failed', 'cancelled')
    ),
    CONSTRAINT runs_data_check
    CHECK (jsonb_typeof(data) = 'object' AND octet_length(data::text) <= 16384),
    CONSTRAINT runs_attempts_check CHECK (attempts >= 0 AND max_attempts BETWEEN 1 AND 100),
    CONSTRAINT runs_locked_by_check CHECK (length(locked_by) BETWEEN 1 AND 200),
    CONSTRAINT runs_lease_check CHECK (
        (status = 'in_progress' AND was_run_automatically) = (lease_expires_at IS NOT NULL)
        AND (lease_expires_at IS NULL OR (lease_id IS NOT NULL AND locked_by IS NOT NULL))
    ),
    CONSTRAINT runs_error_check CHECK (
        error IS NULL OR NOT operations.is_blank(error) AND octet_length(error) <= 8192 AND status <> 'completed'
    ),
    CONSTRAINT runs_completed_check CHECK (
        (status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL)
    ),
    CONSTRAINT runs_time_elapsed_check CHECK (time_elapsed BETWEEN 0 AND 86400000),
    CONSTRAINT runs_counts_check CHECK (completed_complexity >= 0 AND context_switches >= 0)
);

COMMENT ON TABLE library.runs IS
'Runs of a version: by the user, step by step, or by a worker under a lease.';
COMMENT ON COLUMN library.runs.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN library.runs.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN library.runs.version_id IS 'The version that is run.';
COMMENT ON COLUMN library.runs.user_id IS
'The user whose run it is, who sees it whatever the audience.';
COMMENT ON COLUMN library.runs.team_id IS 'The team for which it is run; NULL if for none.';
COMMENT ON COLUMN library.runs.name IS 'What people call it; 1 to 128 characters.';
COMMENT ON COLUMN library.runs.is_private IS 'Whether only the user and the team see it.';
COMMENT ON COLUMN library.runs.was_run_automatically IS
'Whether a worker runs it, under a lease, and not the user.';
COMMENT ON COLUMN library.runs.status IS
'scheduled, in_progress, paused, completed, failed or cancelled; operations.status_transitions has the legal changes.';
COMMENT ON COLUMN library.runs.data IS 'What belongs to the run: any JSON object of at most 16 KB.';
COMMENT ON COLUMN library.runs.due_at IS
'From when on a worker may claim it, while it is scheduled; moved on by the backoff after a failure, or when a lease ran
out.';
COMMENT ON COLUMN library.runs.attempts IS 'How often it was claimed.';
COMMENT ON COLUMN library.runs.max_attempts IS
'How often it is claimed before a lost lease or a failure is final.';
COMMENT ON COLUMN library.runs.locked_by IS 'The worker that claimed it last, for people to read.';
COMMENT ON COLUMN library.runs.lease_id IS
'New for each claim: who reports with an older one has lost the run. It stays after a report, so that the same again is
answered as before; NULL once the lease ran out.';
COMMENT ON COLUMN library.runs.lease_expires_at IS
'Until when the worker has it; NULL unless it is in progress with one.';
COMMENT ON COLUMN library.runs.error IS
'Why it failed, at most 8 KB, or why the attempt before did; NULL once it is completed.';
COMMENT ON COLUMN library.runs.started_at IS
'When it was first in progress; kept by library.time_run().';
COMMENT ON COLUMN library.runs.completed_at IS
'When it was completed, failed or was cancelled; NULL before. Kept by library.time_run().';
COMMENT ON COLUMN library.runs.time_elapsed IS
'For how long it was worked on, in milliseconds up to a day, as the client tells it; NULL if nobody told.';
COMMENT ON COLUMN library.runs.completed_complexity IS
'How much of what it does is done, in the client''s own measure.';
COMMENT ON COLUMN library.runs.context_switches IS 'How often the user turned away from it.';
COMMENT ON COLUMN library.runs.audience IS
'Who sees it beside the user: the tenant, or the team. Row-level security compares it.';
COMMENT ON COLUMN library.runs.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN library.runs.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN library.runs.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT runs_version_fkey ON library.runs IS 'version_id: there is no such version';
COMMENT ON CONSTRAINT runs_user_fkey ON library.runs IS 'user_id: there is no such user';
COMMENT ON CONSTRAINT runs_team_fkey ON library.runs IS
'team_id: there is no such team, or it has runs';
COMMENT ON CONSTRAINT runs_name_check ON library.runs IS
'name: must have 1 to 128 characters that are not blank';
COMMENT ON CONSTRAINT runs_status_check ON library.runs IS
'status: must be scheduled, in_progress, paused, completed, failed or cancelled';
COMMENT ON CONSTRAINT runs_data_check ON library.runs IS 'data: must be an object of at most 16 KB';
COMMENT ON CONSTRAINT runs_attempts_check ON library.runs IS 'max_attempts: must be from 1 to 100';
COMMENT ON CONSTRAINT runs_locked_by_check ON library.runs IS 'locked_by: must have 1 to 200 characters';
COMMENT ON CONSTRAINT runs_lease_check ON library.runs IS
'lease_expires_at: a run that a worker has in progress has a lease, no other has';
COMMENT ON CONSTRAINT runs_error_check ON library.runs IS
'error: must not be blank, and at most 8 KB; a completed run has none';
COMMENT ON CONSTRAINT runs_completed_check ON library.runs IS
'completed_at: a run that is over has it, no other has';
COMMENT ON CONSTRAINT runs_time_elapsed_check ON library.runs IS
'time_elapsed: must be from 0 to 86,400,000 milliseconds';
COMMENT ON CONSTRAINT runs_counts_check ON library.runs IS 'context_switches: no count is negative';

CREATE INDEX runs_version ON library.runs (tenant_id, version_id, id);
CREATE INDEX runs_unfinished ON library.runs (tenant_id, version_id)
WHERE status IN ('scheduled', 'in_progress', 'paused');
CREATE INDEX runs_user ON library.runs (tenant_id, user_id, id);
CREATE INDEX runs_user_version ON library.runs (tenant_id, user_id, version_id, id);
CREATE INDEX runs_user_status ON library.runs (tenant_id, user_id, status, id);
CREATE INDEX runs_status ON library.runs (tenant_id, status, id) INCLUDE (version_id, user_id, audience);
CREATE INDEX runs_team ON library.runs (tenant_id, team_id, id) WHERE team_id IS NOT NULL;
CREATE INDEX runs_due ON library.runs (tenant_id, due_at, id) WHERE status = 'scheduled' AND was_run_automatically;
CREATE INDEX runs_leased ON library.runs (tenant_id, lease_expires_at)
WHERE status = 'in_progress' AND was_run_automatically;

CALL operations.protect(
    'library.runs', rows => 'team',
    shown => '{version_id,user_id,team_id,is_private,was_run_automatically,status,due_at,attempts,max_attempts,started_at,completed_at,time_elapsed,completed_complexity,context_switches,created_at}',  -- noqa: LT05
    fixed => '{version_id,user_id,team_id,was_run_automatically,created_at}'
);

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('library.runs', 'new', 'scheduled'),
('library.runs', 'scheduled', 'in_progress'),
('library.runs', 'scheduled', 'cancelled'),
('library.runs', 'in_progress', 'scheduled'),
('library.runs', 'in_progress', 'paused'),
('library.runs', 'in_progress', 'completed'),
('library.runs', 'in_progress', 'failed'),
('library.runs', 'in_progress', 'cancelled'),
('library.runs', 'paused', 'in_progress'),
('library.runs', 'paused', 'scheduled'),
('library.runs', 'paused', 'cancelled'),
('library.runs', 'failed', 'in_progress'),
('library.runs', 'failed', 'scheduled');

CALL operations.guard_status('library.runs');

CREATE FUNCTION library.time_run() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.started_at := NULL;
        NEW.completed_at := NULL;
        RETURN NEW;
    END IF;
    -- A restart keeps the first start.
    NEW.started_at := coalesce(OLD.started_at, CASE WHEN NEW.status = 'in_progress' THEN now() END);
    NEW.completed_at := CASE
        WHEN NEW.status NOT IN ('completed', 'failed', 'cancelled') THEN NULL
        WHEN NEW.status = OLD.status THEN OLD.completed_at
        ELSE now()
    END;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.time_run() IS
'BEFORE a run''s status or times change: when it first began and when it ended is for the database to say.';

CREATE TRIGGER time_run BEFORE INSERT ON library.runs
FOR EACH ROW WHEN (new.started_at IS NOT NULL OR new.completed_at IS NOT NULL)
EXECUTE FUNCTION library.time_run();

CREATE TRIGGER time_changed_run BEFORE UPDATE ON library.runs
FOR EACH ROW WHEN (
    old.status <> new.status
    OR old.started_at IS DISTINCT FROM new.started_at
    OR old.completed_at IS DISTINCT FROM new.completed_at
)
EXECUTE FUNCTION library.time_run();

CREATE FUNCTION library.tell_user() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO operations.notifications (tenant_id, user_id, type, payload)
    VALUES (
        NEW.tenant_id,
        NEW.user_id,
        CASE WHEN NEW.status = 'completed' THEN 'run_finished' ELSE 'run_failed' END,
        jsonb_build_object('resource_run_id', NEW.id)
    );
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION library.tell_user() IS
'AFTER a run was completed by a worker, or has failed for good, whoever writes: notifies its user.';

-- Not of one that its user goes through step by step: they know.
CREATE TRIGGER tell_user AFTER UPDATE ON library.runs
FOR EACH ROW WHEN (
    new.was_run_automatically AND old.status <> new.status AND new.status IN ('completed', 'failed')
)
EXECUTE FUNCTION library.tell_user();

CREATE FUNCTION library.require_runner() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    is_deleted boolean;
BEGIN
    IF NOT library.may_change(NEW.user_id, NEW.team_id, 'run-resources') THEN
        RAISE EXCEPTION 'this takes the user whose run it is, or a member of its team with the permission run-resources'
        USING ERRCODE = 'DR003';
    ELSIF TG_OP = 'INSERT' AND coalesce(current_setting('app.user_id', true), '') NOT IN ('any', NEW.user_id::text) THEN
        RAISE EXCEPTION 'one creates runs of one''s own' USING ERRCODE = 'DR003';
    ELSIF TG_OP = 'INSERT' OR OLD.status = 'failed' AND NEW.status <> 'failed' THEN
        -- Foreign keys see every version, this only those that the writer sees. Locked, lest the resource be deleted
        -- meanwhile.
        SELECT r.is_deleted
        INTO is_deleted
        FROM library.resource_versions AS v
        INNER JOIN library.resources AS r ON r.tenant_id = NEW.tenant_id AND r.id = v.root_id
        WHERE v.tenant_id = NEW.tenant_id
            AND v.id = NEW.version_id
        FOR SHARE OF r;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no such version: violates constraint "runs_version_fkey"'
            USING ERRCODE = 'foreign_key_violation', SCHEMA = 'library', CONSTRAINT = 'runs_version_fkey';
        ELSIF is_deleted THEN
            RAISE EXCEPTION 'the resource is deleted' USING ERRCODE = 'DR001';
        END IF;
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.require_runner() IS
'BEFORE a run is created or changed: refuses it, with SQLSTATE DR003, to others than its user, or, of a team''s run, the
members with the permission. A new one, or one that begins anew, is of a version that the writer sees, of a resource that
is not deleted.';

CREATE TRIGGER require_runner BEFORE INSERT OR UPDATE ON library.runs
FOR EACH ROW EXECUTE FUNCTION library.require_runner();

CREATE FUNCTION library.refuse_change_of_run() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'the run is %: what it came to stays', OLD.status USING ERRCODE = 'DR001';
END
$$;

COMMENT ON FUNCTION library.refuse_change_of_run() IS
'BEFORE a change of what came of a run that is completed or was cancelled: refuses it, with SQLSTATE DR001. Statistics
have counted it.';

CREATE TRIGGER keep_what_is_over BEFORE UPDATE ON library.runs
FOR EACH ROW WHEN (
    old.status IN ('completed', 'cancelled')
    AND (
        old.data <> new.data
        OR old.time_elapsed IS DISTINCT FROM new.time_elapsed
        OR old.completed_complexity <> new.completed_complexity
        OR old.context_switches <> new.context_switches
    )
)
EXECUTE FUNCTION library.refuse_change_of_run();

CREATE FUNCTION library.cancel_runs() RETURNS trigger
LANGUAGE plpgsql
-- Runs that who deletes the resource does not see end as well.
SET "app.user_id" = 'any'
AS $$
BEGIN
    PERFORM
    FROM library.resource_versions AS v
    INNER JOIN library.runs AS r ON r.tenant_id = NEW.tenant_id AND r.version_id = v.id
    WHERE v.tenant_id = NEW.tenant_id
        AND v.root_id = NEW.id
        AND r.status IN ('scheduled', 'in_progress', 'paused')
    ORDER BY r.id
    FOR UPDATE OF r;
    IF FOUND THEN
        PERFORM library.lock_run_counts(NEW.tenant_id);
        UPDATE library.runs AS r
        SET
            status = 'cancelled',
            lease_id = NULL,
            lease_expires_at = NULL
        FROM library.resource_versions AS v
        WHERE v.tenant_id = NEW.tenant_id
            AND v.root_id = NEW.id
            AND r.tenant_id = NEW.tenant_id
            AND r.version_id = v.id
            AND r.status IN ('scheduled', 'in_progress', 'paused');
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION library.cancel_runs() IS
'AFTER a resource was deleted: its runs that are not over are cancelled, whoever''s they are.';

CREATE TRIGGER cancel_runs AFTER UPDATE ON library.resources
FOR EACH ROW WHEN (old.deleted_at IS NULL AND new.deleted_at IS NOT NULL)
EXECUTE FUNCTION library.cancel_runs();

-- Counts of runs ------------------------------------------------------------------------------------

CREATE TABLE library.run_counts (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    run_status text NOT NULL,
    runs bigint NOT NULL DEFAULT 0,
    runs_timed bigint NOT NULL DEFAULT 0,
    run_milliseconds bigint NOT NULL DEFAULT 0,
    counted_at timestamptz,
    PRIMARY KEY (tenant_id, user_id, run_status),
    CONSTRAINT run_counts_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT run_counts_run_status_check CHECK (
        run_status IN ('scheduled', 'in_progress', 'paused', 'completed', 'failed', 'cancelled')
    ),
    CONSTRAINT run_counts_counts_check CHECK (least(runs, runs_timed, run_milliseconds) >= 0)
);

COMMENT ON TABLE library.run_counts IS
'How many runs of each status a user has: counted as they change, because counting a million takes too long.';
COMMENT ON COLUMN library.run_counts.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN library.run_counts.user_id IS 'The user: row-level security compares it.';
COMMENT ON COLUMN library.run_counts.run_status IS 'The status of the runs.';
COMMENT ON COLUMN library.run_counts.runs IS 'How many there are; kept by library.count_run().';
COMMENT ON COLUMN library.run_counts.runs_timed IS
'How many of those that are completed told their time elapsed; kept by library.count_run().';
COMMENT ON COLUMN library.run_counts.run_milliseconds IS
'The time elapsed of these, in sum; kept by library.count_run().';
COMMENT ON COLUMN library.run_counts.counted_at IS
'When the runs were last counted anew, by library.recount_runs(); NULL if never.';
COMMENT ON CONSTRAINT run_counts_user_fkey ON library.run_counts IS 'user_id: there is no such user';
COMMENT ON CONSTRAINT run_counts_run_status_check ON library.run_counts IS
'run_status: must be scheduled, in_progress, paused, completed, failed or cancelled';
COMMENT ON CONSTRAINT run_counts_counts_check ON library.run_counts IS 'runs: no count is negative';

CALL operations.protect(
    'library.run_counts', rows => 'user',
    kept => '{runs,runs_timed,run_milliseconds}',
    recorded => false,
    derived => true
);

CREATE FUNCTION library.lock_run_counts(tenant_id uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('library.count_run'), hashtext(lock_run_counts.tenant_id::text));
END
$$;

COMMENT ON FUNCTION library.lock_run_counts(uuid) IS
'For a transaction that changes runs of several users: two of them, or one and another that changes a single run, would
count in different orders, and deadlock. Waits until no other transaction of the tenant counts runs. It comes after the
locks of the runs, or before where locked rows are skipped.';

GRANT EXECUTE ON FUNCTION library.lock_run_counts(uuid) TO app_rw;

CREATE FUNCTION library.count_run() RETURNS trigger
LANGUAGE plpgsql
-- Counts what the writer may not see, such as a version that is private by now.
SET "app.user_id" = 'any'
AS $$
DECLARE
    run CONSTANT library.runs := coalesce(NEW, OLD);
    started CONSTANT integer := (OLD.started_at IS NULL AND NEW.started_at IS NOT NULL)::integer;
    completed CONSTANT integer := (NEW.status IS NOT DISTINCT FROM 'completed')::integer;
    timed CONSTANT integer := (run.status = 'completed' AND run.time_elapsed IS NOT NULL)::integer;
    elapsed CONSTANT integer := CASE WHEN timed = 1 THEN run.time_elapsed ELSE 0 END;
    counted record;
    period record;
BEGIN
    -- Many at once: who counts for several users waits for all others.
    PERFORM pg_advisory_xact_lock_shared(hashtext('library.count_run'), hashtext(run.tenant_id::text));
    FOR counted IN
        SELECT
            s.status,
            s.change,
            CASE WHEN s.status = 'completed' THEN s.change * timed ELSE 0 END AS timed,
            CASE WHEN s.status = 'completed' THEN s.change * elapsed ELSE 0 END AS elapsed
        FROM (VALUES (OLD.status, -1), (NEW.status, 1)) AS s (status, change)
        WHERE s.status IS NOT NULL
        ORDER BY s.status
    LOOP
        LOOP
            UPDATE library.run_counts AS c
            SET
                runs = c.runs + counted.change,
                runs_timed = c.runs_timed + counted.timed,
                run_milliseconds = c.run_milliseconds + counted.elapsed
            WHERE c.tenant_id = run.tenant_id
                AND c.user_id = run.user_id
                AND c.run_status = counted.status;
            -- A user who is erased takes the counts along.
            EXIT WHEN FOUND OR TG_OP = 'DELETE';
            INSERT INTO library.run_counts (tenant_id, user_id, run_status)
            VALUES (run.tenant_id, run.user_id, counted.status)
            ON CONFLICT DO NOTHING;
        END LOOP;
    END LOOP;

    IF started = 0 AND completed = 0 THEN
        RETURN NULL;
    END IF;
    FOR period IN
        SELECT
            p.period_type,
            p.period_start,
            p.period_end
        FROM identity.periods(now()) AS p
    LOOP
        LOOP
            UPDATE identity.user_stats AS s
            SET
                runs_started = s.runs_started + started,
                runs_completed = s.runs_completed + completed,
                runs_timed = s.runs_timed + timed,
                run_milliseconds = s.run_milliseconds + elapsed
            WHERE s.tenant_id = run.tenant_id
                AND s.user_id = run.user_id
                AND s.period_type = period.period_type
                AND s.period_start = period.period_start;
            EXIT WHEN FOUND;
            INSERT INTO identity.user_stats (tenant_id, user_id, period_type, period_start, period_end)
            VALUES (run.tenant_id, run.user_id, period.period_type, period.period_start, period.period_end)
            ON CONFLICT DO NOTHING;
        END LOOP;
        CONTINUE WHEN run.team_id IS NULL;
        LOOP
            UPDATE identity.team_stats AS s
            SET
                runs_started = s.runs_started + started,
                runs_completed = s.runs_completed + completed,
                runs_timed = s.runs_timed + timed,
                run_milliseconds = s.run_milliseconds + elapsed
            WHERE s.tenant_id = run.tenant_id
                AND s.team_id = run.team_id
                AND s.period_type = period.period_type
                AND s.period_start = period.period_start;
            EXIT WHEN FOUND;
            INSERT INTO identity.team_stats (tenant_id, team_id, period_type, period_start, period_end)
            VALUES (run.tenant_id, run.team_id, period.period_type, period.period_start, period.period_end)
            ON CONFLICT DO NOTHING;
        END LOOP;
    END LOOP;

    UPDATE library.resource_versions AS v
    SET
        times_started = v.times_started + started,
        times_completed = v.times_completed + completed
    WHERE v.tenant_id = run.tenant_id
        AND v.id = run.version_id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION library.count_run() IS
'AFTER a run is created or deleted, or its status changes: counts it. Its first start and its completion count for the
user, the team and the version as well. One row after another, always in the same order: rows that one statement changes
have none.';

CREATE TRIGGER count_run AFTER INSERT OR DELETE ON library.runs
FOR EACH ROW EXECUTE FUNCTION library.count_run();

CREATE TRIGGER count_changed_run AFTER UPDATE ON library.runs
FOR EACH ROW WHEN (old.status <> new.status) EXECUTE FUNCTION library.count_run();

CREATE FUNCTION library.lock_runs(tenant_id uuid, resource_ids uuid []) RETURNS void
LANGUAGE plpgsql
-- Those of all users.
SET "app.user_id" = 'any'
AS $$
BEGIN
    PERFORM
    FROM library.resource_versions AS v
    INNER JOIN library.runs AS r ON r.tenant_id = lock_runs.tenant_id AND r.version_id = v.id
    WHERE v.tenant_id = lock_runs.tenant_id
        AND v.root_id = ANY (lock_runs.resource_ids)
        AND r.status IN ('scheduled', 'in_progress', 'paused')
    ORDER BY r.id
    FOR UPDATE OF r;
    PERFORM library.lock_run_counts(lock_runs.tenant_id);
END
$$;

COMMENT ON FUNCTION library.lock_runs(uuid, uuid []) IS
'For a transaction that deletes several resources: locks their runs that are not over, then library.lock_run_counts().
Otherwise library.cancel_runs() would wait for runs of one resource while others wait for what was counted of another.';

GRANT EXECUTE ON FUNCTION library.lock_runs(uuid, uuid []) TO app_rw;

-- Deletions counted ---------------------------------------------------------------------------------

CREATE FUNCTION library.count_deletion() RETURNS trigger
LANGUAGE plpgsql
-- The team's statistics are for its members.
SET "app.user_id" = 'any'
AS $$
DECLARE
    period record;
BEGIN
    -- Beside others who count for one user, but not beside one who counts for several.
    PERFORM pg_advisory_xact_lock_shared(hashtext('library.count_run'), hashtext(NEW.tenant_id::text));
    -- One row after another, always in the same order, as library.count_run() does.
    FOR period IN
        SELECT
            p.period_type,
            p.period_start,
            p.period_end
        FROM identity.periods(now()) AS p
    LOOP
        LOOP
            EXIT WHEN NEW.deleted_by_id IS NULL;
            UPDATE identity.user_stats AS s
            SET resources_deleted = s.resources_deleted + 1
            WHERE s.tenant_id = NEW.tenant_id
                AND s.user_id = NEW.deleted_by_id
                AND s.period_type = period.period_type
                AND s.period_start = period.period_start;
            EXIT WHEN FOUND;
            INSERT INTO identity.user_stats (tenant_id, user_id, period_type, period_start, period_end)
            VALUES (NEW.tenant_id, NEW.deleted_by_id, period.period_type, period.period_start, period.period_end)
            ON CONFLICT DO NOTHING;
        END LOOP;
        LOOP
            EXIT WHEN NEW.owned_by_team_id IS NULL;
            UPDATE identity.team_stats AS s
            SET resources_deleted = s.resources_deleted + 1
            WHERE s.tenant_id = NEW.tenant_id
                AND s.team_id = NEW.owned_by_team_id
                AND s.period_type = period.period_type
                AND s.period_start = period.period_start;
            EXIT WHEN FOUND;
            INSERT INTO identity.team_stats (tenant_id, team_id, period_type, period_start, period_end)
            VALUES (NEW.tenant_id, NEW.owned_by_team_id, period.period_type, period.period_start, period.period_end)
            ON CONFLICT DO NOTHING;
        END LOOP;
    END LOOP;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION library.count_deletion() IS
'AFTER a resource is deleted: counts it in the statistics of who deleted it and of the owning team.';

CREATE TRIGGER count_deletion AFTER UPDATE ON library.resources
FOR EACH ROW WHEN (old.deleted_at IS NULL AND new.deleted_at IS NOT NULL)
EXECUTE FUNCTION library.count_deletion();

-- Steps ---------------------------------------------------------------------------------------------

CREATE TABLE library.run_steps (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    run_id uuid NOT NULL,
    step integer NOT NULL,
    name text NOT NULL,
    status text NOT NULL DEFAULT 'scheduled',
    started_at timestamptz,
    completed_at timestamptz,
    time_elapsed integer,
    audience uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT run_steps_run_fkey FOREIGN KEY (tenant_id, run_id)
    REFERENCES library.runs (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT run_steps_step_key UNIQUE (tenant_id, run_id, step),
    CONSTRAINT run_steps_step_check CHECK (step BETWEEN 1 AND 100),
    CONSTRAINT run_steps_name_check CHECK (NOT operations.is_blank(name) AND length(name) <= 128),
    CONSTRAINT run_steps_status_check
    CHECK (status IN ('scheduled', 'in_progress', 'completed', 'skipped')),
    CONSTRAINT run_steps_completed_check
    CHECK ((status IN ('completed', 'skipped')) = (completed_at IS NOT NULL)),
    CONSTRAINT run_steps_time_elapsed_check CHECK (time_elapsed BETWEEN 0 AND 86400000)
);

COMMENT ON TABLE library.run_steps IS 'The steps of a run, numbered from 1.';
COMMENT ON COLUMN library.run_steps.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN library.run_steps.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN library.run_steps.run_id IS 'The run.';
COMMENT ON COLUMN library.run_steps.step IS 'Its number in the run, from 1 to 100.';
COMMENT ON COLUMN library.run_steps.name IS 'What people call it; 1 to 128 characters.';
COMMENT ON COLUMN library.run_steps.status IS
'scheduled, in_progress, completed or skipped; operations.status_transitions has the legal changes.';
COMMENT ON COLUMN library.run_steps.started_at IS
'When it was in progress first; NULL before, and if it was completed at once. Kept by library.time_step().';
COMMENT ON COLUMN library.run_steps.completed_at IS
'When it was completed or skipped; NULL before. Kept by library.time_step().';
COMMENT ON COLUMN library.run_steps.time_elapsed IS
'For how long it was worked on, in milliseconds up to a day, as the client tells it; NULL if nobody told.';
COMMENT ON COLUMN library.run_steps.audience IS
'Who sees it, as the run; kept by operations.inherit_audience().';
COMMENT ON COLUMN library.run_steps.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN library.run_steps.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN library.run_steps.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT run_steps_run_fkey ON library.run_steps IS 'run_id: there is no such run';
COMMENT ON CONSTRAINT run_steps_step_key ON library.run_steps IS 'step: the run has such a step';
COMMENT ON CONSTRAINT run_steps_step_check ON library.run_steps IS 'step: must be from 1 to 100';
COMMENT ON CONSTRAINT run_steps_name_check ON library.run_steps IS
'name: must have 1 to 128 characters that are not blank';
COMMENT ON CONSTRAINT run_steps_status_check ON library.run_steps IS
'status: must be scheduled, in_progress, completed or skipped';
COMMENT ON CONSTRAINT run_steps_completed_check ON library.run_steps IS
'completed_at: a step that is over has it, no other has';
COMMENT ON CONSTRAINT run_steps_time_elapsed_check ON library.run_steps IS
'time_elapsed: must be from 0 to 86,400,000 milliseconds';

CALL operations.protect(
    'library.run_steps', rows => 'team',
    shown => '{run_id,step,status,started_at,completed_at,time_elapsed,created_at}',
    fixed => '{run_id,step,name,created_at}'
);

CALL operations.inherit_audience('library.run_steps', parent => 'library.runs', reference => 'run_id');

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('library.run_steps', 'new', 'scheduled'),
('library.run_steps', 'scheduled', 'in_progress'),
('library.run_steps', 'scheduled', 'completed'),
('library.run_steps', 'scheduled', 'skipped'),
('library.run_steps', 'in_progress', 'completed'),
('library.run_steps', 'in_progress', 'skipped');

CALL operations.guard_status('library.run_steps');

CREATE FUNCTION library.require_run(tenant_id uuid, run_id uuid, statuses text []) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    status text;
    may_change boolean;
BEGIN
    -- Locked, lest it end meanwhile.
    SELECT
        r.status,
        library.may_change(r.user_id, r.team_id, 'run-resources')
    INTO status, may_change
    FROM library.runs AS r
    WHERE r.tenant_id = require_run.tenant_id
        AND r.id = require_run.run_id
    FOR SHARE;
    IF NOT may_change THEN
        RAISE EXCEPTION 'this takes the user whose run it is, or a member of its team with the permission run-resources'
        USING ERRCODE = 'DR003';
    ELSIF status <> ALL (statuses) THEN
        RAISE EXCEPTION 'the run is %', status USING ERRCODE = 'DR001';
    END IF;
END
$$;

COMMENT ON FUNCTION library.require_run(uuid, uuid, text []) IS
'Refuses it, with SQLSTATE DR003, when the user who acts may not change a run, and with DR001 when the run has another
status. One that is not there, or not to be seen, is for foreign keys and policies to refuse.';

GRANT EXECUTE ON FUNCTION library.require_run(uuid, uuid, text []) TO app_rw;

CREATE FUNCTION library.require_run_of_step() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM library.require_run(NEW.tenant_id, NEW.run_id, TG_ARGV[0]::text []);
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.require_run_of_step() IS
'BEFORE a step is added or changed: library.require_run(). Argument: the statuses that the run may have.';

-- Steps are added before the run begins or while it goes on, and they go on with it.
CREATE TRIGGER require_run BEFORE INSERT ON library.run_steps
FOR EACH ROW EXECUTE FUNCTION library.require_run_of_step('{scheduled,in_progress}');

CREATE TRIGGER require_run_to_change BEFORE UPDATE ON library.run_steps
FOR EACH ROW WHEN (old.status <> new.status OR old.time_elapsed IS DISTINCT FROM new.time_elapsed)
EXECUTE FUNCTION library.require_run_of_step('{in_progress}');

CREATE FUNCTION library.time_step() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.started_at := NULL;
        NEW.completed_at := NULL;
        RETURN NEW;
    END IF;
    NEW.started_at := coalesce(OLD.started_at, CASE WHEN NEW.status = 'in_progress' THEN now() END);
    NEW.completed_at := coalesce(OLD.completed_at, CASE WHEN NEW.status IN ('completed', 'skipped') THEN now() END);
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.time_step() IS
'BEFORE a step''s status or times change: when it began and when it ended is for the database to say.';

CREATE TRIGGER time_step BEFORE INSERT ON library.run_steps
FOR EACH ROW WHEN (new.started_at IS NOT NULL OR new.completed_at IS NOT NULL)
EXECUTE FUNCTION library.time_step();

CREATE TRIGGER time_changed_step BEFORE UPDATE ON library.run_steps
FOR EACH ROW WHEN (
    old.status <> new.status
    OR old.started_at IS DISTINCT FROM new.started_at
    OR old.completed_at IS DISTINCT FROM new.completed_at
)
EXECUTE FUNCTION library.time_step();

-- Inputs and outputs --------------------------------------------------------------------------------

CREATE TABLE library.run_io (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    step_id uuid NOT NULL,
    side text NOT NULL,
    key text NOT NULL,
    value jsonb NOT NULL,
    audience uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT run_io_step_fkey FOREIGN KEY (tenant_id, step_id)
    REFERENCES library.run_steps (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT run_io_key_key UNIQUE (tenant_id, step_id, side, key),
    CONSTRAINT run_io_side_check CHECK (side IN ('input', 'output')),
    CONSTRAINT run_io_key_check CHECK (NOT operations.is_blank(key) AND length(key) <= 128),
    CONSTRAINT run_io_value_check CHECK (octet_length(value::text) <= 8192)
);

COMMENT ON TABLE library.run_io IS 'What went into a step of a run, and what came out.';
COMMENT ON COLUMN library.run_io.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN library.run_io.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN library.run_io.step_id IS 'The step.';
COMMENT ON COLUMN library.run_io.side IS 'input or output.';
COMMENT ON COLUMN library.run_io.key IS
'What the step calls it; 1 to 128 characters, once for each side.';
COMMENT ON COLUMN library.run_io.value IS 'Any JSON of at most 8 KB.';
COMMENT ON COLUMN library.run_io.audience IS
'Who sees it, as the step; kept by operations.inherit_audience().';
COMMENT ON COLUMN library.run_io.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN library.run_io.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN library.run_io.revision IS 'Counts the changes; kept by operations.touch().';
COMMENT ON CONSTRAINT run_io_step_fkey ON library.run_io IS 'step_id: there is no such step';
COMMENT ON CONSTRAINT run_io_key_key ON library.run_io IS 'key: the step has it on this side';
COMMENT ON CONSTRAINT run_io_side_check ON library.run_io IS 'side: must be input or output';
COMMENT ON CONSTRAINT run_io_key_check ON library.run_io IS
'key: must have 1 to 128 characters that are not blank';
COMMENT ON CONSTRAINT run_io_value_check ON library.run_io IS 'value: must have at most 8 KB';

CALL operations.protect(
    'library.run_io', rows => 'team',
    shown => '{step_id,side,created_at}',
    fixed => '{step_id,side,key,created_at}'
);

CALL operations.inherit_audience('library.run_io', parent => 'library.run_steps', reference => 'step_id');

CREATE FUNCTION library.require_run_of_io() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM library.require_run(s.tenant_id, s.run_id, '{scheduled,in_progress}')
    FROM library.run_steps AS s
    WHERE s.tenant_id = NEW.tenant_id
        AND s.id = NEW.step_id;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.require_run_of_io() IS
'BEFORE an input or output is added or changed: library.require_run().';

CREATE TRIGGER require_run BEFORE INSERT ON library.run_io
FOR EACH ROW EXECUTE FUNCTION library.require_run_of_io();

CREATE TRIGGER require_run_to_change BEFORE UPDATE ON library.run_io
FOR EACH ROW WHEN (old.value <> new.value) EXECUTE FUNCTION library.require_run_of_io();

-- Resources that are part of others -----------------------------------------------------------------

CREATE FUNCTION library.require_parent() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    is_deleted boolean;
BEGIN
    -- As the writer sees it, where the foreign key sees all.
    SELECT r.is_deleted INTO is_deleted
    FROM library.resources AS r
    WHERE r.tenant_id = NEW.tenant_id
        AND r.id = NEW.parent_id;
    IF is_deleted IS NULL THEN
        RAISE EXCEPTION 'there is no such parent: violates constraint "resources_parent_fkey"'
        USING
            ERRCODE = 'foreign_key_violation',
            SCHEMA = TG_TABLE_SCHEMA,
            TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'resources_parent_fkey';
    ELSIF is_deleted THEN
        RAISE EXCEPTION 'the parent is deleted' USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.require_parent() IS
'BEFORE a resource is created below another: refuses a parent that the writer does not see, as one that is not there,
and with SQLSTATE DR001 one that is deleted.';

CREATE TRIGGER require_parent BEFORE INSERT ON library.resources
FOR EACH ROW WHEN (new.parent_id IS NOT NULL) EXECUTE FUNCTION library.require_parent();

-- Counts that went wrong ----------------------------------------------------------------------------

CREATE FUNCTION library.recount() RETURNS trigger
LANGUAGE plpgsql
SET "app.user_id" = 'any'
AS $$
BEGIN
    -- The row is locked by now, so whoever else counts has committed, or waits.
    NEW.bookmarks := (
        SELECT count(*)
        FROM library.bookmarks AS b
        WHERE b.tenant_id = NEW.tenant_id
            AND b.resource_id = NEW.id
    );
    NEW.views := (
        SELECT count(*)
        FROM library.resource_views AS v
        WHERE v.tenant_id = NEW.tenant_id
            AND v.resource_id = NEW.id
    );
    NEW.counted_at := now();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.recount() IS
'BEFORE counted_at changes: counts the bookmarks and views of the resource anew. Runs after fixed, by its name.';

CREATE TRIGGER recount BEFORE UPDATE ON library.resources
FOR EACH ROW WHEN (old.counted_at IS DISTINCT FROM new.counted_at) EXECUTE FUNCTION library.recount();

CREATE FUNCTION library.recount_runs() RETURNS trigger
LANGUAGE plpgsql
SET "app.user_id" = 'any'
AS $$
BEGIN
    -- Who counts a run holds this lock, shared, until the commit.
    PERFORM library.lock_run_counts(NEW.tenant_id);
    SELECT
        count(*),
        count(r.time_elapsed) FILTER (WHERE r.status = 'completed'),
        coalesce(sum(r.time_elapsed) FILTER (WHERE r.status = 'completed'), 0)::bigint
    INTO NEW.runs, NEW.runs_timed, NEW.run_milliseconds
    FROM library.runs AS r
    WHERE r.tenant_id = NEW.tenant_id
        AND r.user_id = NEW.user_id
        AND r.status = NEW.run_status;
    NEW.counted_at := now();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.recount_runs() IS
'BEFORE counted_at changes: counts the user''s runs of the status anew. Runs after fixed, by its name.';

CREATE TRIGGER recount_runs BEFORE UPDATE ON library.run_counts
FOR EACH ROW WHEN (old.counted_at IS DISTINCT FROM new.counted_at) EXECUTE FUNCTION library.recount_runs();

-- Imports -------------------------------------------------------------------------------------------

CREATE TABLE library.imports (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    created_by_id uuid,
    status text NOT NULL DEFAULT 'running',
    lines bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    skipped bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    failures jsonb NOT NULL DEFAULT '[]',
    finished_at timestamptz,
    audience uuid NOT NULL GENERATED ALWAYS AS (coalesce(created_by_id, tenant_id)) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT imports_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT imports_created_by_fkey FOREIGN KEY (tenant_id, created_by_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT imports_status_check CHECK (status IN ('running', 'interrupted', 'completed')),
    CONSTRAINT imports_lines_check CHECK (
        least(done, skipped, failed) >= 0 AND lines = done + skipped + failed
    ),
    CONSTRAINT imports_failures_check CHECK (
        jsonb_typeof(failures) = 'array' AND octet_length(failures::text) < 65536
    ),
    CONSTRAINT imports_finished_check CHECK ((status = 'completed') = (finished_at IS NOT NULL))
);

COMMENT ON TABLE library.imports IS
'Uploads of resources, line by line, and how far each has come: one that broke off goes on from there.';
COMMENT ON COLUMN library.imports.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN library.imports.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN library.imports.created_by_id IS
'The user who imports, and alone sees it; NULL if a service does.';
COMMENT ON COLUMN library.imports.status IS
'running, interrupted or completed; operations.status_transitions has the legal changes. One whose process died says
running.';
COMMENT ON COLUMN library.imports.lines IS
'How many lines are dealt with, and committed, from the first on.';
COMMENT ON COLUMN library.imports.done IS 'How many of them are resources now.';
COMMENT ON COLUMN library.imports.skipped IS 'How many of them were there already, by their public id, or are blank.';
COMMENT ON COLUMN library.imports.failed IS 'How many of them were refused.';
COMMENT ON COLUMN library.imports.failures IS
'Why, of the first fifty: [{"line": 1, "code": "VALIDATION", "detail": "..."}], under 64 KB.';
COMMENT ON COLUMN library.imports.finished_at IS 'When the last line was dealt with; NULL before.';
COMMENT ON COLUMN library.imports.audience IS
'Who sees it: the user, or the tenant if a service imports. Row-level security compares it.';
COMMENT ON COLUMN library.imports.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN library.imports.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN library.imports.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT imports_created_by_fkey ON library.imports IS 'created_by_id: there is no such user';
COMMENT ON CONSTRAINT imports_status_check ON library.imports IS
'status: must be running, interrupted or completed';
COMMENT ON CONSTRAINT imports_lines_check ON library.imports IS
'lines: are those done, skipped and failed, and none is negative';
COMMENT ON CONSTRAINT imports_failures_check ON library.imports IS 'failures: must be a list, and under 64 KB';
COMMENT ON CONSTRAINT imports_finished_check ON library.imports IS
'finished_at: a completed import has it, no other has';

CREATE INDEX imports_created_by ON library.imports (tenant_id, created_by_id) WHERE created_by_id IS NOT NULL;

CALL operations.protect(
    'library.imports', rows => 'team',
    shown => '{created_by_id,status,lines,done,skipped,failed,finished_at,created_at}',
    fixed => '{created_by_id,created_at}'
);

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('library.imports', 'new', 'running'),
('library.imports', 'running', 'interrupted'),
('library.imports', 'running', 'completed'),
('library.imports', 'interrupted', 'running');

CALL operations.guard_status('library.imports');

CREATE FUNCTION library.require_importer() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF coalesce(current_setting('app.user_id', true), '') NOT IN ('any', coalesce(NEW.created_by_id::text, '')) THEN
        RAISE EXCEPTION 'the import is for who began it to go on with' USING ERRCODE = 'DR003';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION library.require_importer() IS
'BEFORE an import is begun or goes on: refuses it, with SQLSTATE DR003, to others than the user whose it is, or, of one
without a user, to who acts for a user.';

CREATE TRIGGER require_importer BEFORE INSERT OR UPDATE ON library.imports
FOR EACH ROW EXECUTE FUNCTION library.require_importer();

-- What the worker looks for --------------------------------------------------------------------------

CREATE FUNCTION library.tenants_with_work()
RETURNS TABLE (
    id uuid,
    has_backlog boolean,
    has_lost_runs boolean
)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    -- all tenants: for the owner.
    RETURN QUERY
    SELECT
        t.id,
        (
            EXISTS (
                SELECT 1
                FROM library.runs AS r
                WHERE r.tenant_id = t.id
                    AND r.status = 'scheduled'
                    AND r.was_run_automatically
                UNION ALL
                SELECT 1
                FROM library.runs AS r
                WHERE r.tenant_id = t.id
                    AND r.status = 'in_progress'
                    AND r.was_run_automatically
            )
        ),
        (
            EXISTS (
                SELECT
                FROM library.runs AS r
                WHERE r.tenant_id = t.id
                    AND r.status = 'in_progress'
                    AND r.was_run_automatically
                    AND r.lease_expires_at <= now()
            )
        )
    FROM identity.tenants AS t
    WHERE t.suspended_at IS NULL;
END
$$;

COMMENT ON FUNCTION library.tenants_with_work() IS
'What a worker has to look for in each tenant, as operations.tenants_with_work() has it: runs to count as backlog, runs
whose workers are gone.';

GRANT EXECUTE ON FUNCTION library.tenants_with_work() TO app_rw, app_ro;
