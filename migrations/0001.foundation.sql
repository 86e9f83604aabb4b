-- What every area stands on: ids, revisions, legal status changes, the event log, and how a table is protected.

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA operations;

COMMENT ON SCHEMA operations IS 'What keeps it running: the event log, jobs, notifications, idempotency.';

GRANT USAGE ON SCHEMA operations TO app_rw, app_ro, app_log;

-- Nobody executes a function who was not granted it: what defaults, CHECKs, policies and statements call.
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner REVOKE EXECUTE ON FUNCTIONS FROM public;

-- Ids -----------------------------------------------------------------------------------------------

-- UUID version 7: PostgreSQL 18 has it; before, the same layout is built here. Not called uuidv7(), which
-- would clash with PostgreSQL's own.
DO $do$
BEGIN
    IF current_setting('server_version_num')::integer >= 180000 THEN
        CREATE FUNCTION operations.new_id() RETURNS uuid
        LANGUAGE sql VOLATILE PARALLEL SAFE
        RETURN uuidv7();
    ELSE
        -- 48 bits of milliseconds, version 7, 12 bits of the millisecond's fraction, then the variant and
        -- the random half of a version 4.
        CREATE FUNCTION operations.new_id() RETURNS uuid
        LANGUAGE sql VOLATILE PARALLEL SAFE
        AS $$
            SELECT encode(
                substring(int8send(microseconds / 1000) FROM 3)
                || int2send((28672 + (microseconds % 1000) * 4096 / 1000)::int2)
                || substring(uuid_send(gen_random_uuid()) FROM 9),
                'hex'
            )::uuid
            FROM (
                SELECT (extract(EPOCH FROM clock_timestamp()) * 1000000)::int8 AS microseconds
            ) AS clock
        $$;
    END IF;
END
$do$;

COMMENT ON FUNCTION operations.new_id() IS 'A new UUID version 7: ordered by time of creation.';

GRANT EXECUTE ON FUNCTION operations.new_id() TO app_rw, app_ro, app_log;

CREATE FUNCTION operations.time_of(id uuid) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    -- 48 bits of milliseconds and 12 bits of the millisecond's fraction.
    moment CONSTANT bigint := (
        'x' || substr(id::text, 1, 8) || substr(id::text, 10, 4) || substr(id::text, 16, 3)
    )::bit(60)::bigint;
BEGIN
    RETURN timestamptz '1970-01-01 00:00:00+00'
        + ((moment >> 12) * 1000 + ((moment & 4095) * 1000 >> 12)) * interval '1 microsecond';
END
$$;

COMMENT ON FUNCTION operations.time_of(uuid) IS
'When an id of version 7 was made, to the microsecond, as operations.new_id() writes it.';

GRANT EXECUTE ON FUNCTION operations.time_of(uuid) TO app_log;

CREATE FUNCTION operations.first_id(moment timestamptz) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    microseconds bigint;
BEGIN
    IF moment < '1970-01-01 00:00:00+00' THEN
        RETURN uuid '00000000-0000-0000-0000-000000000000';
    ELSIF moment >= '10000-01-01 00:00:00+00' THEN
        RETURN uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    END IF;
    microseconds := (extract(EPOCH FROM moment) * 1000000)::bigint;
    RETURN (
        lpad(to_hex(microseconds / 1000), 12, '0')
        || '7'
        -- The fraction is rounded up, as operations.time_of() rounds it down.
        || lpad(to_hex((microseconds % 1000 * 4096 + 999) / 1000), 3, '0')
        || repeat('0', 16)
    )::uuid;
END
$$;

COMMENT ON FUNCTION operations.first_id(timestamptz) IS
'The least id of version 7 that can have been made at a time: id >= first_id(moment) says time_of(id) >= moment, by an
index.';

GRANT EXECUTE ON FUNCTION operations.first_id(timestamptz) TO app_rw, app_ro;

CREATE FUNCTION operations.new_public_id() RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL SAFE
AS $$
DECLARE
    digits CONSTANT text := '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    bytes CONSTANT bytea := uuid_send(gen_random_uuid());
    -- 56 random bits for 6 digits each: on either side of the bits that tell the version and the variant.
    random bigint[] := ARRAY[
        ('x' || encode(substring(bytes FROM 1 FOR 6) || substring(bytes FROM 8 FOR 1), 'hex'))::bit(56)::bigint,
        ('x' || encode(substring(bytes FROM 10 FOR 7), 'hex'))::bit(56)::bigint
    ];
    id text := '';
BEGIN
    FOR half IN 1..2 LOOP
        FOR digit IN 1..6 LOOP
            id := id || substr(digits, 1 + (random[half] % 62)::integer, 1);
            random[half] := random[half] / 62;
        END LOOP;
    END LOOP;
    RETURN id;
END
$$;

COMMENT ON FUNCTION operations.new_public_id() IS
'A random id of 12 characters A to Z, a to z and 0 to 9, for what people pass on: it does not tell when it was made.';

GRANT EXECUTE ON FUNCTION operations.new_public_id() TO app_rw;

-- Settings ------------------------------------------------------------------------------------------

CREATE FUNCTION operations.set_local(name text, value text) RETURNS text
LANGUAGE sql VOLATILE
RETURN set_config(name, value, true);

COMMENT ON FUNCTION operations.set_local(text, text) IS
'Sets a parameter until the transaction ends, as SET LOCAL does. On a Citus cluster setup/citus.sql puts another
function in its place, which reaches the other nodes.';

GRANT EXECUTE ON FUNCTION operations.set_local(text, text) TO app_rw, app_ro;

CREATE FUNCTION operations.check_constraints() RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
END
$$;

COMMENT ON FUNCTION operations.check_constraints() IS
'Looks at what was deferred until the commit, on the server that keeps the row of whose statement it is part: on a Citus
cluster the commit would not tell what is wrong.';

GRANT EXECUTE ON FUNCTION operations.check_constraints() TO app_rw;

-- Texts ---------------------------------------------------------------------------------------------

-- In PL/pgSQL, which is called as it is: SQL would be inlined into each CHECK, and prepared anew for each statement.
CREATE FUNCTION operations.is_blank(text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    -- Most texts begin with a letter of ASCII, and are told by it.
    RETURN ascii($1) NOT BETWEEN 33 AND 126 AND $1 ~ (
        '^[\u0001- \u007F-\u00A0\u00AD\u034F\u061C\u115F-\u1160\u1680\u17B4-\u17B5\u180B-\u180F\u2000-\u200F'
        || '\u2028-\u202F\u205F-\u206F\u2800\u3000\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFF8'
        || '\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]*$'
    );
END
$$;

COMMENT ON FUNCTION operations.is_blank(text) IS
'Whether nothing of a text is seen: control characters, Unicode''s White_Space and Default_Ignorable_Code_Point, and the
braille pattern without dots. In Python, service.schemas.is_blank().';

GRANT EXECUTE ON FUNCTION operations.is_blank(text) TO app_rw, app_ro;

CREATE FUNCTION operations.trimmed(text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RETURN btrim(
        $1,
        E' \t\n\u000B\f\r\u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A'
        '\u2028\u2029\u202F\u205F\u3000'
    );
END
$$;

COMMENT ON FUNCTION operations.trimmed(text) IS
'A text without the white space around it: Unicode''s White_Space. In Python, service.schemas.trimmed().';

GRANT EXECUTE ON FUNCTION operations.trimmed(text) TO app_rw, app_ro;

-- Revisions -----------------------------------------------------------------------------------------

CREATE FUNCTION operations.touch() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.revision := OLD.revision + 1;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION operations.touch() IS
'BEFORE UPDATE: counts the revision, which is the ETag over HTTP, and dates the change.';

CREATE FUNCTION operations.stay() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.revision := OLD.revision;
    NEW.updated_at := OLD.updated_at;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION operations.stay() IS
'BEFORE UPDATE, when nothing would change but the revision and the date of the change: keeps them, as nobody changed the
row.';

-- Facts ---------------------------------------------------------------------------------------------

CREATE FUNCTION operations.refuse_rewrite() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    -- Arguments, because TG_TABLE_NAME is the shard's name on a sharded cluster.
    entity CONSTANT text := TG_ARGV[0];
    fixed CONSTANT text[] := TG_ARGV[1]::text[];
    redacted CONSTANT text[] := TG_ARGV[2]::text[];
    kept CONSTANT text[] := TG_ARGV[3]::text[];
    rewritten text;
BEGIN
    IF fixed IS NULL THEN
        RAISE EXCEPTION '% is append-only', entity USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT string_agg(name, ', ')
    INTO rewritten
    FROM unnest(fixed || redacted || kept) AS name
    WHERE to_jsonb(OLD) -> name IS DISTINCT FROM to_jsonb(NEW) -> name;
    RAISE EXCEPTION '%: nobody rewrites %', entity, rewritten USING ERRCODE = 'insufficient_privilege';
END
$$;

COMMENT ON FUNCTION operations.refuse_rewrite() IS
'BEFORE UPDATE, when a fixed column would change: refuses it, whoever writes. Arguments: the table, and its columns that
are fixed, redacted and kept.';

CREATE FUNCTION operations.refuse_write() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '%: only triggers write its rows', TG_ARGV[0] USING ERRCODE = 'insufficient_privilege';
END
$$;

COMMENT ON FUNCTION operations.refuse_write() IS
'BEFORE INSERT or DELETE, outside of a trigger, on a table whose rows triggers derive from others: refuses it, whoever
writes. Argument: the table.';

CREATE FUNCTION operations.start_kept() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN jsonb_populate_record(NEW, TG_ARGV[0]::jsonb);
END
$$;

COMMENT ON FUNCTION operations.start_kept() IS
'BEFORE INSERT, when a column that triggers keep has another value than its default: sets it, whatever was written.
Argument: the defaults of these columns.';

-- Legal status changes --------------------------------------------------------------------------------

CREATE TABLE operations.status_transitions (
    entity text NOT NULL,
    from_status text NOT NULL,
    to_status text NOT NULL,
    PRIMARY KEY (entity, from_status, to_status)
);

COMMENT ON TABLE operations.status_transitions IS
'The legal status changes of every entity; the same for all tenants. from_status is new for an INSERT.';
COMMENT ON COLUMN operations.status_transitions.entity IS 'The table, with its schema.';
COMMENT ON COLUMN operations.status_transitions.from_status IS 'The status before; new for an INSERT.';
COMMENT ON COLUMN operations.status_transitions.to_status IS 'The status after.';

GRANT SELECT ON operations.status_transitions TO app_rw, app_ro;

CREATE FUNCTION operations.refuse_transition() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    -- An argument, because TG_TABLE_NAME is the shard's name on a sharded cluster.
    RAISE EXCEPTION '% cannot go from % to %',
        TG_ARGV[0], CASE TG_OP WHEN 'INSERT' THEN 'new' ELSE OLD.status END, NEW.status
    USING ERRCODE = 'DR001';
END
$$;

COMMENT ON FUNCTION operations.refuse_transition() IS
'BEFORE INSERT or a change of status that status_transitions does not have: refuses it, with SQLSTATE DR001. Argument:
the table.';

CREATE PROCEDURE operations.guard_status(guarded regclass)
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $function$
DECLARE
    first_statuses text[];
    changes text[];
BEGIN
    SELECT
        array_agg(t.to_status ORDER BY t.to_status) FILTER (WHERE t.from_status = 'new'),
        array_agg(t.from_status || ' -> ' || t.to_status ORDER BY t.from_status, t.to_status)
            FILTER (WHERE t.from_status <> 'new')
    INTO first_statuses, changes
    FROM operations.status_transitions AS t
    WHERE t.entity = guarded::text;
    IF first_statuses IS NULL OR changes IS NULL THEN
        RAISE EXCEPTION '% has no legal status changes', guarded;
    END IF;
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER check_transition_on_insert BEFORE INSERT ON %1$s
        FOR EACH ROW WHEN (new.status <> ALL (%2$L::text[]))
        EXECUTE FUNCTION operations.refuse_transition(%3$L)',
        guarded,
        first_statuses,
        guarded::text
    );
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER check_transition_on_update BEFORE UPDATE ON %1$s
        FOR EACH ROW WHEN (
            old.status <> new.status AND old.status || '' -> '' || new.status <> ALL (%2$L::text[])
        )
        EXECUTE FUNCTION operations.refuse_transition(%3$L)',
        guarded,
        changes,
        guarded::text
    );
END
$function$;

COMMENT ON PROCEDURE operations.guard_status IS
'Makes the triggers that hold a table to its rows in status_transitions: they have these in their WHEN, so that only
what is refused calls a function. Called again when the rows have changed.';

-- Epochs ----------------------------------------------------------------------------------------------

CREATE FUNCTION operations.timeline() RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    -- Not pg_control_checkpoint(), which learns of a promotion with the next checkpoint only.
    IF pg_is_in_recovery() THEN
        RETURN NULL;
    END IF;
    RETURN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer;
END
$$;

COMMENT ON FUNCTION operations.timeline() IS
'The timeline that the server writes, which a failover or a recovery to a point in time changes; NULL on a replica.';

GRANT EXECUTE ON FUNCTION operations.timeline() TO app_rw, app_ro, app_log;

CREATE TABLE operations.epochs (
    epoch integer PRIMARY KEY,
    reason text NOT NULL,
    system_identifier bigint NOT NULL DEFAULT (pg_control_system()).system_identifier,
    timeline integer NOT NULL DEFAULT operations.timeline(),
    started_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE operations.epochs IS
'In which cluster and on which timeline of it transactions were counted: elsewhere they are counted anew, and
operations.raise_epoch() adds a row.';
COMMENT ON COLUMN operations.epochs.epoch IS
'Leads the order of events and learning samples: a later count of transactions has a higher one.';
COMMENT ON COLUMN operations.epochs.reason IS 'Why it began, for people to read.';
COMMENT ON COLUMN operations.epochs.system_identifier IS
'The cluster, as pg_control_system() names it. A dump that is restored is in another one.';
COMMENT ON COLUMN operations.epochs.timeline IS
'The timeline of the cluster. A failover or a recovery to a point in time begins another one.';
COMMENT ON COLUMN operations.epochs.started_at IS 'When the row was added.';

INSERT INTO operations.epochs (epoch, reason) VALUES (1, 'first cluster');

GRANT SELECT ON operations.epochs TO app_rw, app_ro, app_log;

CREATE FUNCTION operations.current_epoch() RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    -- On a timeline that is not raised yet what is written has a later epoch already, lest it hide behind what
    -- consumers read on the one before; as much later as the timeline, which another failover may end.
    RETURN (
        SELECT e.epoch + greatest(operations.timeline() - e.timeline, 0)
        FROM operations.epochs AS e
        ORDER BY e.epoch DESC
        LIMIT 1
    );
END
$$;

COMMENT ON FUNCTION operations.current_epoch() IS
'The present epoch: events and learning samples are written with it.';

GRANT EXECUTE ON FUNCTION operations.current_epoch() TO app_rw, app_ro;

CREATE FUNCTION operations.horizon(tenant_id uuid) RETURNS xid8
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    -- snapshot: that of the server with the row whose column is the argument.
    RETURN pg_snapshot_xmin(pg_current_snapshot());
END
$$;

COMMENT ON FUNCTION operations.horizon(uuid) IS
'The oldest transaction that is still running on the server that keeps the tenant''s rows, for statements that write:
there Citus evaluates on the coordinator what does not depend on a column. Call it with the column of a row. In PL/pgSQL,
because one in SQL would be inlined, and its argument be gone.';

GRANT EXECUTE ON FUNCTION operations.horizon(uuid) TO app_rw;

CREATE FUNCTION operations.next_epoch() RETURNS integer
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (
        SELECT greatest(max(e.epoch) + 1, operations.current_epoch())
        FROM operations.epochs AS e
    );
END
$$;

COMMENT ON FUNCTION operations.next_epoch() IS
'The epoch that operations.raise_epoch() begins, if it is told no higher one. On a sharded cluster setup/citus.sql has
another of this name, because there each node is on a timeline of its own.';

CREATE FUNCTION operations.raise_epoch(why text, at_least integer DEFAULT 0) RETURNS operations.epochs
LANGUAGE plpgsql
-- Who writes and reads meanwhile waits behind the lock: not for long.
SET lock_timeout = '2s'
AS $$
DECLARE
    raised operations.epochs;
BEGIN
    -- Waits for every transaction that has read the present one: none writes with it after another has begun.
    LOCK TABLE operations.epochs IN ACCESS EXCLUSIVE MODE;
    INSERT INTO operations.epochs (epoch, reason)
    SELECT
        greatest(operations.next_epoch(), at_least),
        why
    RETURNING * INTO raised;
    RETURN raised;
END
$$;

COMMENT ON FUNCTION operations.raise_epoch(text, integer) IS
'Begins the next epoch, on this cluster and timeline: the given one, if it is higher. Whoever calls it needs the
privileges, which the owner alone has.';

GRANT EXECUTE ON FUNCTION operations.raise_epoch(text, integer) TO app_rw;

CREATE FUNCTION operations.note_transaction() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    -- Not as defaults: on a sharded cluster the coordinator would evaluate them, with a transaction of its own.
    -- As operations.current_epoch() has it, which would not see what was raised while it waited.
    SELECT e.epoch + greatest(operations.timeline() - e.timeline, 0)
    INTO NEW.epoch
    FROM operations.epochs AS e
    ORDER BY e.epoch DESC
    LIMIT 1;
    NEW.xid := pg_current_xact_id();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION operations.note_transaction() IS
'BEFORE INSERT on a table that is exported: says in which epoch and transaction the row is written, whoever writes.';

-- The event log ---------------------------------------------------------------------------------------

CREATE TABLE operations.events (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    epoch integer NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamptz NOT NULL GENERATED ALWAYS AS (operations.time_of(id)) STORED,
    entity text NOT NULL,
    entity_id uuid NOT NULL,
    revision bigint,
    action text NOT NULL,
    changes jsonb NOT NULL,
    actor text NOT NULL,
    key_id uuid,
    role text,
    request_id text,
    ip inet,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT events_changes_check CHECK (octet_length(changes::text) < 65536)
);

COMMENT ON TABLE operations.events IS
'The one event log: audit, change feed and outbox. Append-only; written by the functions of operations.protect().';
COMMENT ON COLUMN operations.events.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.events.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN operations.events.epoch IS 'The cluster that xid is of: operations.epochs.';
COMMENT ON COLUMN operations.events.xid IS
'The writing transaction. Read in the order (epoch, xid, id), below pg_snapshot_xmin(pg_current_snapshot()).';
COMMENT ON COLUMN operations.events.occurred_at IS
'When the row was changed, by the clock: within the transaction, not at its start. The time that the id has.';
COMMENT ON COLUMN operations.events.entity IS 'The table, with its schema.';
COMMENT ON COLUMN operations.events.entity_id IS
'The id of the row that was changed, which may be gone.';
COMMENT ON COLUMN operations.events.revision IS
'The revision of the row after the change, for a DELETE the next one; NULL of rows that never change.';
COMMENT ON COLUMN operations.events.action IS
'INSERT, UPDATE, DELETE, or the business word that the transaction set in app.action.';
COMMENT ON COLUMN operations.events.changes IS
'Changed columns: {"column": [before, after]}, or ["masked", "masked"] where the log tells no values.';
COMMENT ON COLUMN operations.events.actor IS
'app.actor, such as user:<id> or key:<id>; without it, the database role.';
COMMENT ON COLUMN operations.events.key_id IS
'The API key that was used, by the service itself or for a user, from app.key_id; NULL when none was.';
COMMENT ON COLUMN operations.events.role IS
'The role of the user who acted, from app.role; NULL when none did.';
COMMENT ON COLUMN operations.events.request_id IS
'The X-Request-Id of the HTTP request, from app.request_id; NULL when there was none.';
COMMENT ON COLUMN operations.events.ip IS
'The address of the HTTP client, from app.ip, else of the database client; NULL over a socket file.';
COMMENT ON CONSTRAINT events_changes_check ON operations.events IS 'changes: must be under 64 KB';

CREATE FUNCTION operations.event_type(entity text, changes jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN
        entity = 'drafts.drafts'
        AND changes #>> '{status,0}' IS NULL
        AND changes #>> '{status,1}' IS NOT NULL
        THEN 'draft_ready'
    WHEN
        entity = 'tweets.tweets'
        AND changes #>> '{status,0}' IS NOT NULL
        AND changes #>> '{status,1}' IS NOT NULL
        THEN 'tweet_status'
    ELSE 'change'
END;

COMMENT ON FUNCTION operations.event_type(text, jsonb) IS
'What the stream and webhooks call an event: draft_ready, a new draft; tweet_status, a tweet whose status changed; or
change.';

GRANT EXECUTE ON FUNCTION operations.event_type(text, jsonb) TO app_rw, app_ro;

-- By time the primary key has it. A filter finds what it asks for however rare that is, so each has an index; those by
-- table and by action share one, as both have few values.
CREATE INDEX events_order ON operations.events (tenant_id, epoch, xid, id);
CREATE INDEX events_of_row ON operations.events (tenant_id, entity_id, epoch, xid, id);
CREATE INDEX events_of_actor ON operations.events (tenant_id, actor, id);
CREATE INDEX events_of_key ON operations.events (tenant_id, key_id, id) WHERE key_id IS NOT NULL;
CREATE INDEX events_of_action ON operations.events (tenant_id, entity, action, id);

-- Applied migrations ----------------------------------------------------------------------------------

CREATE TABLE operations.applied_migrations (
    migration_id text PRIMARY KEY,
    checksum text NOT NULL
);

COMMENT ON TABLE operations.applied_migrations IS
'SHA-256 of each migration as it was when it was applied: readiness tells a file that was edited since.';
COMMENT ON COLUMN operations.applied_migrations.migration_id IS 'The name of the file, without .sql.';
COMMENT ON COLUMN operations.applied_migrations.checksum IS
'SHA-256 of the file in hexadecimal, line endings aside; written by migrations/post-apply.py.';

GRANT SELECT ON operations.applied_migrations TO app_rw, app_ro;

-- yoyo's own table, which says what is applied now: a rollback does not run the script that keeps the checksums.
GRANT SELECT ON public._yoyo_migration TO app_rw, app_ro;

-- Protection ------------------------------------------------------------------------------------------

CREATE FUNCTION operations.differ(names text []) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (
    SELECT
        format(
            'ROW(%s) IS DISTINCT FROM ROW(%s)',
            string_agg(format('old.%I', name), ', ' ORDER BY position),
            string_agg(format('new.%I', name), ', ' ORDER BY position)
        )
    FROM unnest(names) WITH ORDINALITY AS n (name, position)
);

COMMENT ON FUNCTION operations.differ(text []) IS 'The condition of a trigger that one of the columns changes.';

CREATE FUNCTION operations.create_recorder(
    protected regclass, tenant_column text, shown text [], published text [], hushed text []
) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $function$
DECLARE
    entity CONSTANT text := (
        SELECT n.nspname || '.' || c.relname
        FROM pg_class AS c
        INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.oid = protected
    );
    area CONSTANT text := split_part(entity, '.', 1);
    recorder CONSTANT text := format('%I.%I', area, 'record_' || split_part(entity, '.', 2));
    masked CONSTANT text := $$'["masked", "masked"]'::jsonb$$;
    has_revision boolean;
    changes text;
BEGIN
    SELECT
        bool_or(a.attname = 'revision'),
        string_agg(
            format(
                '            %1$L, CASE WHEN OLD.%1$I IS DISTINCT FROM NEW.%1$I THEN %2$s END',
                a.attname,
                CASE
                    WHEN a.attname = ANY (shown) THEN format('jsonb_build_array(OLD.%1$I, NEW.%1$I)', a.attname)
                    WHEN a.attname = ANY (published) THEN format(
                        'CASE WHEN was_public AND is_public THEN jsonb_build_array(OLD.%1$I, NEW.%1$I) ELSE %2$s END',
                        a.attname,
                        masked
                    )
                    ELSE masked
                END
            ),
            E',\n'
            ORDER BY a.attnum
        ) FILTER (WHERE a.attname <> ALL (hushed))
    INTO has_revision, changes
    FROM pg_attribute AS a
    WHERE a.attrelid = protected AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '';

    EXECUTE format(
        $definition$
CREATE OR REPLACE FUNCTION %1$s() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    epoch_now integer;
%6$sBEGIN
    -- Two conditions, as one with a query in it would be run as a query for each row.
    IF TG_OP = 'DELETE' THEN
        -- A tenant that is erased takes its rows and its log with it.
        IF NOT EXISTS (SELECT FROM identity.tenants AS t WHERE t.id = OLD.%2$I) THEN
            RETURN NULL;
        END IF;
    END IF;
    -- As operations.current_epoch() has it, which would not see what was raised while it waited.
    SELECT e.epoch + greatest(operations.timeline() - e.timeline, 0)
    INTO epoch_now
    FROM operations.epochs AS e
    ORDER BY e.epoch DESC
    LIMIT 1;
    INSERT INTO operations.events (
        tenant_id, epoch, xid, entity, entity_id, revision, action, changes, actor, key_id, role, request_id, ip
    )
    VALUES (
        coalesce(NEW.%2$I, OLD.%2$I),
        epoch_now,
        pg_current_xact_id(),
        %3$L,
        coalesce(NEW.id, OLD.id),
        %4$s,
        coalesce(nullif(current_setting('app.action', true), ''), TG_OP),
        jsonb_strip_nulls(jsonb_build_object(
%5$s
        )),
        coalesce(nullif(current_setting('app.actor', true), ''), session_user),
        nullif(current_setting('app.key_id', true), '')::uuid,
        nullif(current_setting('app.role', true), ''),
        nullif(current_setting('app.request_id', true), ''),
        coalesce(nullif(current_setting('app.ip', true), '')::inet, inet_client_addr())
    );
    RETURN NULL;
END
$$
        $definition$,
        recorder,
        tenant_column,
        entity,
        CASE WHEN has_revision THEN 'coalesce(NEW.revision, OLD.revision + 1)' ELSE 'NULL' END,
        changes,
        CASE
            WHEN published <> '{}' THEN $declarations$    was_public CONSTANT boolean := OLD IS NULL OR OLD.audience = OLD.tenant_id;
    is_public CONSTANT boolean := NEW IS NULL OR NEW.audience = NEW.tenant_id;
$declarations$
            ELSE ''
        END
    );
    EXECUTE format(
        'COMMENT ON FUNCTION %s() IS %L',
        recorder,
        'AFTER each row of ' || entity || ': writes the event log. Generated by operations.protect().'
    );
    -- The new owner of a function must be able to create one where it is: for this moment only.
    EXECUTE format('GRANT CREATE ON SCHEMA %I TO app_log', area);
    EXECUTE format('ALTER FUNCTION %s() OWNER TO app_log', recorder);
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM app_log', area);
    RETURN recorder;
END
$function$;

COMMENT ON FUNCTION operations.create_recorder(regclass, text, text [], text [], text []) IS
'Makes the function that writes the events of a table, from its columns as they are: one INSERT with the values of
shown ones, and of published ones if the row is for all of the tenant, nothing of hushed ones, and of all others that
they changed.';

CREATE PROCEDURE operations.protect(
    protected regclass,
    rows text,
    shown text [] DEFAULT '{}',
    published text [] DEFAULT '{}',
    fixed text [] DEFAULT '{}',
    redacted text [] DEFAULT '{}',
    kept text [] DEFAULT '{}',
    given text [] DEFAULT '{}',
    quiet text [] DEFAULT '{}',
    writes text [] DEFAULT '{INSERT,UPDATE}',
    recorded boolean DEFAULT true,
    hidden boolean DEFAULT false,
    derived boolean DEFAULT false
)
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $function$
DECLARE
    entity CONSTANT text := protected::text;
    tenant_column CONSTANT text := CASE rows WHEN 'self' THEN 'id' ELSE 'tenant_id' END;
    grows_only CONSTANT boolean := 'UPDATE' <> ALL (writes);
    id_check CONSTANT text := (SELECT c.relname || '_id_check' FROM pg_class AS c WHERE c.oid = protected);
    columns text[];
    json_columns text[];
    primary_key text[];
    changeable text[];
    condition text;
    starts text;
    recorder text;
    wrong text;
BEGIN
    SELECT
        array_agg(a.attname::text ORDER BY a.attnum),
        array_agg(a.attname::text) FILTER (WHERE a.atttypid IN ('json'::regtype, 'jsonb'::regtype)),
        array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attnum = ANY (i.indkey))
    INTO columns, json_columns, primary_key
    FROM pg_attribute AS a
    INNER JOIN pg_index AS i ON i.indrelid = a.attrelid AND i.indisprimary
    WHERE a.attrelid = protected AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '';

    SELECT string_agg(name, ', ')
    INTO wrong
    FROM unnest(shown || published || fixed || redacted || kept || given || quiet) AS name
    WHERE name <> ALL (columns);
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION '% has no column %', entity, wrong;
    END IF;
    IF (shown || published) && (json_columns || '{lease_id}'::text[]) THEN
        RAISE EXCEPTION '%: a lease proves a claim, and JSON may hold anything: neither is shown', entity;
    END IF;

    -- What a row has from its parent, operations.inherit_audience() sets.
    IF rows = 'team' AND 'audience' = ANY (columns) THEN
        kept := kept || '{audience}';
        given := given || '{audience}';
        quiet := quiet || '{audience}';
    END IF;

    -- Lists go by the id, for the order of creation: other writers make it as the default does.
    IF 'id' = ANY (columns) AND NOT EXISTS (
        SELECT FROM pg_constraint AS k WHERE k.conrelid = protected AND k.conname = id_check
    ) THEN
        EXECUTE format(
            'ALTER TABLE %s ADD CONSTRAINT %I CHECK (get_byte(uuid_send(id), 6) / 16 = 7)', protected, id_check
        );
        EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', id_check, protected, 'id: must be a UUID of version 7');
    END IF;

    -- Whose rows they are.
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', protected);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', protected);
    condition := format($$%I = nullif(current_setting('app.tenant_id', true), '')::uuid$$, tenant_column);
    CASE rows
        WHEN 'self', 'tenant' THEN NULL;
        WHEN 'user' THEN
            -- Of the tenant's rows those of app.user_id, all where that is 'any', and none where it is not set.
            condition := condition || $$
                AND CASE
                    WHEN current_setting('app.user_id', true) = 'any' THEN true
                    ELSE user_id = nullif(nullif(current_setting('app.user_id', true), 'any'), '')::uuid
                END$$;
        WHEN 'team' THEN
            -- Of the tenant's rows those for all of the tenant, for app.user_id and for app.team_ids; all of them where
            -- app.user_id is 'any'.
            condition := condition || format(
                $$
                AND (
                    audience = tenant_id
                    OR current_setting('app.user_id', true) = 'any'
                    OR %s = nullif(nullif(current_setting('app.user_id', true), 'any'), '')::uuid
                    OR audience = ANY (string_to_array(current_setting('app.team_ids', true), ',')::uuid [])
                )$$,
                CASE WHEN 'user_id' = ANY (columns) THEN 'user_id' ELSE 'audience' END
            );
        ELSE RAISE EXCEPTION '%: rows are self, tenant, user or team, not %', entity, rows;
    END CASE;
    -- One policy: on a sharded cluster a restrictive one would let in what it should keep out.
    EXECUTE format('DROP POLICY IF EXISTS tenant_isolation ON %s', protected);
    EXECUTE format('CREATE POLICY tenant_isolation ON %s USING (%s)', protected, condition);

    -- Who may do what. A right on a single column would not reach the shards of a cluster.
    EXECUTE format('REVOKE ALL ON %s FROM app_rw, app_ro', protected);
    EXECUTE format('GRANT %s ON %s TO app_rw', array_to_string('{SELECT}' || writes, ', '), protected);
    IF NOT hidden THEN
        EXECUTE format('GRANT SELECT ON %s TO app_ro', protected);
    END IF;

    -- What nobody changes after the insert.
    IF grows_only THEN
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER fixed BEFORE UPDATE ON %s
            FOR EACH ROW EXECUTE FUNCTION operations.refuse_rewrite(%L)',
            protected,
            entity
        );
    ELSE
        condition := operations.differ(primary_key || fixed);
        IF redacted <> '{}' THEN
            -- Emptied together, and dated.
            SELECT
                condition || format(
                    ' OR %s AND NOT (old.redacted_at IS NULL AND new.redacted_at IS NOT NULL AND %s)',
                    operations.differ(redacted),
                    string_agg(
                        CASE
                            WHEN name = ANY (json_columns) THEN format('coalesce(new.%I, ''{}'') IN (''{}'', ''[]'')', name)
                            ELSE format('new.%I IS NULL', name)
                        END,
                        ' AND ' ORDER BY position
                    )
                )
            INTO condition
            FROM unnest(redacted) WITH ORDINALITY AS r (name, position);
        END IF;
        IF kept <> '{}' THEN
            -- By another table's trigger.
            condition := condition || ' OR pg_trigger_depth() = 0 AND ' || operations.differ(kept);
        END IF;
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER fixed BEFORE UPDATE ON %s
            FOR EACH ROW WHEN (%s) EXECUTE FUNCTION operations.refuse_rewrite(%L, %L, %L, %L)',
            protected,
            condition,
            entity,
            primary_key || fixed,
            redacted,
            kept
        );
    END IF;

    -- Rows that are nobody's to write.
    IF derived THEN
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER derived BEFORE INSERT OR DELETE ON %s
            FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION operations.refuse_write(%L)',
            protected,
            entity
        );
    END IF;

    -- What is not for who inserts the row to say.
    IF NOT kept <@ given THEN
        SELECT
            string_agg(format('new.%I IS DISTINCT FROM %s', a.attname, start.expression), ' OR ' ORDER BY a.attnum),
            string_agg(format('%L, %s', a.attname, start.expression), ', ' ORDER BY a.attnum)
        INTO condition, starts
        FROM pg_attribute AS a
        LEFT OUTER JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        CROSS JOIN LATERAL (SELECT coalesce(pg_get_expr(d.adbin, d.adrelid), 'NULL') AS expression) AS start
        WHERE a.attrelid = protected AND a.attname = ANY (kept) AND a.attname <> ALL (given);
        EXECUTE format('SELECT jsonb_build_object(%s)', starts) INTO starts;
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER start_kept BEFORE INSERT ON %s
            FOR EACH ROW WHEN (%s) EXECUTE FUNCTION operations.start_kept(%L)',
            protected,
            condition,
            starts
        );
    END IF;

    -- What counts as a revision, by name: before a row is written, what is generated has no value to compare.
    SELECT array_agg(name ORDER BY position)
    INTO changeable
    FROM unnest(columns) WITH ORDINALITY AS c (name, position)
    WHERE name <> ALL (primary_key || fixed || redacted || quiet || '{revision,updated_at}');
    IF NOT grows_only AND 'revision' = ANY (columns) THEN
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON %s
            FOR EACH ROW WHEN (%s) EXECUTE FUNCTION operations.touch()',
            protected,
            operations.differ(changeable)
        );
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER stay BEFORE UPDATE ON %s
            FOR EACH ROW WHEN (%s AND NOT (%s)) EXECUTE FUNCTION operations.stay()',
            protected,
            operations.differ('{revision,updated_at}'),
            operations.differ(changeable)
        );
    END IF;

    -- What the event log tells.
    IF recorded THEN
        recorder := operations.create_recorder(
            protected,
            tenant_column,
            shown,
            published,
            -- Bookkeeping and the heartbeat of a lease: no event tells of them.
            '{tenant_id,id,revision,updated_at,lease_expires_at}' || quiet
        );
        -- A tenant that is erased takes its log with it.
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER record_event AFTER %s ON %s FOR EACH ROW EXECUTE FUNCTION %s()',
            CASE rows WHEN 'self' THEN 'INSERT' ELSE 'INSERT OR DELETE' END,
            protected,
            recorder
        );
        IF NOT grows_only THEN
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER record_update AFTER UPDATE ON %s
                FOR EACH ROW WHEN (%s) EXECUTE FUNCTION %s()',
                protected,
                operations.differ(array_remove(changeable, 'lease_expires_at')),
                recorder
            );
        END IF;
    END IF;
END
$function$;

COMMENT ON PROCEDURE operations.protect IS
'A table''s protection, and again after a column was added: row-level security, privileges, the triggers for fixed
columns, revisions and events, and that ids are of version 7. Arguments:
rows: self (a tenant), tenant (a tenant''s), user (a user''s own), team (for its audience)
shown: columns whose values the event log tells; of all others only that they changed
published: columns whose values it tells as long as the row is for all of the tenant
fixed: columns that nobody changes after the insert, beside the primary key
redacted: fixed, too, but emptied together when redacted_at is set
kept: columns that only another table''s trigger changes; a new row has their defaults
given: of kept, what a new row may bring along; a trigger of its own checks it
quiet: columns whose change is neither an event nor a revision
writes: what app_rw may do; without UPDATE the table only grows
recorded: false for a log of high volume, which has no events
hidden: app_ro does not read it
derived: only other tables'' triggers insert and delete its rows';

-- Audiences -------------------------------------------------------------------------------------------

CREATE PROCEDURE operations.inherit_audience(child regclass, parent regclass, reference name)
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $function$
DECLARE
    area CONSTANT text := split_part(child::text, '.', 1);
    child_name CONSTANT text := split_part(child::text, '.', 2);
    inherit CONSTANT text := format('%I.%I', area, 'inherit_audience_of_' || child_name);
    pass_on CONSTANT text := format('%I.%I', area, 'pass_audience_to_' || child_name);
BEGIN
    EXECUTE format(
        $definition$
CREATE OR REPLACE FUNCTION %1$s() RETURNS trigger
LANGUAGE plpgsql
-- Sees what the writer does not, whom the policy then refuses.
SET "app.user_id" = 'any'
AS $$
BEGIN
    -- Locked, lest the audience change meanwhile.
    SELECT p.audience
    INTO NEW.audience
    FROM %2$s AS p
    WHERE p.tenant_id = NEW.tenant_id AND p.id = NEW.%3$I
    FOR NO KEY UPDATE;
    -- Without a parent, which the foreign key refuses.
    NEW.audience := coalesce(NEW.audience, NEW.tenant_id);
    RETURN NEW;
END
$$
        $definition$,
        inherit,
        parent,
        reference
    );
    EXECUTE format(
        'COMMENT ON FUNCTION %s() IS %L',
        inherit,
        format('BEFORE INSERT on %s: the audience of its row in %s. Generated by operations.inherit_audience().', child, parent)
    );
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER inherit_audience BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION %s()', child, inherit
    );
    EXECUTE format(
        $definition$
CREATE OR REPLACE FUNCTION %1$s() RETURNS trigger
LANGUAGE plpgsql
SET "app.user_id" = 'any'
AS $$
BEGIN
    UPDATE %2$s AS c
    SET audience = NEW.audience
    WHERE c.tenant_id = NEW.tenant_id AND c.%3$I = NEW.id;
    RETURN NULL;
END
$$
        $definition$,
        pass_on,
        child,
        reference
    );
    EXECUTE format(
        'COMMENT ON FUNCTION %s() IS %L',
        pass_on,
        format('AFTER a change of audience on %s: passes it on to %s. Generated by operations.inherit_audience().', parent, child)
    );
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER %I AFTER UPDATE ON %s
        FOR EACH ROW WHEN (old.audience <> new.audience) EXECUTE FUNCTION %s()',
        'pass_audience_to_' || child_name,
        parent,
        pass_on
    );
END
$function$;

COMMENT ON PROCEDURE operations.inherit_audience IS
'Makes the triggers by which a table''s rows have the audience of what they belong to: row-level security compares a
column of the row itself, as no policy looks into another table. Arguments:
child: the table, with tenant_id and audience
parent: the table of what its rows belong to, with tenant_id, id and audience
reference: the column of the child that has the parent''s id';

-- Search ----------------------------------------------------------------------------------------------

CREATE PROCEDURE operations.index_words(
    searched regclass,
    words regclass,
    columns text [],
    language regconfig DEFAULT 'english',
    beginnings boolean DEFAULT false
)
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $function$
DECLARE
    area CONSTANT text := (
        SELECT n.nspname::text
        FROM pg_class AS c
        INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.oid = searched
    );
    indexer CONSTANT text := format('%I.%I', area, (SELECT 'index_' || c.relname FROM pg_class AS c WHERE c.oid = searched));
    texts text;
    wrong text;
BEGIN
    SELECT
        string_agg(
            format(CASE WHEN a.atttypid = 'text[]'::regtype THEN 'array_to_string(%%1$s.%I, '' '')' ELSE '%%1$s.%I' END, name),
            ', ' ORDER BY position
        ),
        string_agg(name, ', ') FILTER (WHERE a.attname IS NULL)
    INTO texts, wrong
    FROM unnest(columns) WITH ORDINALITY AS c (name, position)
    LEFT OUTER JOIN pg_attribute AS a
        ON a.attrelid = searched
        AND a.attname = c.name
        AND a.atttypid IN ('text'::regtype, 'text[]'::regtype)
        AND NOT a.attisdropped;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION '% has no text %', searched, wrong;
    END IF;
    texts := format('tsvector_to_array(to_tsvector(%L, concat_ws('' '', %s)))', language, texts);
    IF beginnings THEN
        texts := format(
            'ARRAY(SELECT DISTINCT left(b.word, n) FROM unnest(%s) AS b (word) CROSS JOIN generate_series(1, length(b.word)) AS n)',
            texts
        );
    END IF;

    EXECUTE format(
        $definition$
CREATE OR REPLACE FUNCTION %1$s() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    before text[] := '{}'::text[];
    after text[] := '{}'::text[];
BEGIN
    IF TG_OP <> 'INSERT' THEN
        before := %3$s;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        after := %4$s;
    END IF;
    IF before <> '{}' THEN
        DELETE FROM %2$s AS w
        WHERE w.tenant_id = OLD.tenant_id AND w.word = ANY (before) AND w.word <> ALL (after) AND w.id = OLD.id;
    END IF;
    IF after <> '{}' THEN
        INSERT INTO %2$s (tenant_id, word, id)
        SELECT NEW.tenant_id, a.word, NEW.id
        FROM unnest(after) AS a (word)
        WHERE a.word <> ALL (before)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$
        $definition$,
        indexer,
        words,
        format(texts, 'OLD'),
        format(texts, 'NEW')
    );
    EXECUTE format(
        'COMMENT ON FUNCTION %s() IS %L',
        indexer,
        format('AFTER each row of %s: keeps its words in %s. Generated by operations.index_words().', searched, words)
    );
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER index_words AFTER INSERT OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION %s()',
        searched,
        indexer
    );
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER index_changed_words AFTER UPDATE ON %s
        FOR EACH ROW WHEN (%s) EXECUTE FUNCTION %s()',
        searched,
        operations.differ(columns),
        indexer
    );
    -- What is there already, in the order of the key, which is the quickest.
    EXECUTE format('TRUNCATE %s', words);
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER derived', words);
    EXECUTE format(
        'INSERT INTO %s (tenant_id, word, id)
        SELECT s.tenant_id, w.word COLLATE "C" AS stem, s.id FROM %s AS s, unnest(%s) AS w (word)
        ORDER BY s.tenant_id, stem, s.id',
        words,
        searched,
        format(texts, 's')
    );
    EXECUTE format('ALTER TABLE %s ENABLE TRIGGER derived', words);
END
$function$;

COMMENT ON PROCEDURE operations.index_words IS
'Keeps the words of a table''s texts in a table of words, and again after other columns are to be searched. Row-level
security keeps a search from the indexes of full text, whose operators are not leakproof; it does not from equality.
Arguments:
searched: the table, with tenant_id and id
words: the table of words, which is derived, with tenant_id, word and id as its key
columns: the texts, and lists of texts, that are searched
language: how words are reduced to their stems
beginnings: whether the beginnings of the words are kept as well, so that a search may be for those';

CALL operations.protect('operations.events', rows => 'tenant', writes => '{}', recorded => false);

-- The log is written by the functions that operations.protect() makes. They run as app_log, which has no other right,
-- and which the policy above keeps to the tenant that is set. Only behind who may become app_owner, for backfills,
-- retention and the erasure of a tenant, may it be another.
GRANT INSERT ON operations.events TO app_log;
CREATE POLICY log_of_owner ON operations.events FOR INSERT TO app_log
WITH CHECK (pg_has_role(session_user, 'app_owner', 'MEMBER'));

CREATE FUNCTION operations.refuse_delete() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    -- A tenant that is deleted takes its log with it. Retention deletes by operations.forget_events() only.
    IF coalesce(current_setting('app.action', true), '') <> 'RETENTION'
        AND EXISTS (SELECT FROM identity.tenants AS t WHERE t.id = OLD.tenant_id)
    THEN
        RAISE EXCEPTION 'operations.events is append-only' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END
$$;

COMMENT ON FUNCTION operations.refuse_delete() IS
'BEFORE DELETE on events: refuses it, unless by operations.forget_events(), or the whole tenant is erased.';

CREATE TRIGGER append_only BEFORE DELETE ON operations.events
FOR EACH ROW EXECUTE FUNCTION operations.refuse_delete();

CREATE FUNCTION operations.forget_events(tenant_id uuid, ids uuid []) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    action CONSTANT text := coalesce(current_setting('app.action', true), '');
    forgotten bigint;
BEGIN
    PERFORM operations.set_local('app.action', 'RETENTION');
    DELETE FROM operations.events AS e
    WHERE e.tenant_id = forget_events.tenant_id AND e.id = ANY (ids);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM operations.set_local('app.action', action);
    RETURN forgotten;
END
$$;

COMMENT ON FUNCTION operations.forget_events(uuid, uuid []) IS
'Deletes events, and tells how many. Whoever calls it needs the privilege, which the owner alone has.';

GRANT EXECUTE ON FUNCTION operations.forget_events(uuid, uuid []) TO app_rw;

-- Partitions ------------------------------------------------------------------------------------------

CREATE FUNCTION operations.make_partitions(first date, last date) RETURNS SETOF text
LANGUAGE plpgsql
SET search_path = pg_catalog
-- Who writes meanwhile waits behind the lock: not for long.
SET lock_timeout = '2s'
AS $function$
DECLARE
    parent record;
    month timestamp;
    made text;
BEGIN
    FOR parent IN
        SELECT n.nspname AS area, c.relname AS name
        FROM pg_partitioned_table AS p
        INNER JOIN pg_class AS c ON c.oid = p.partrelid
        INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        ORDER BY n.nspname, c.relname
    LOOP
        FOR month IN SELECT generate_series(date_trunc('month', first::timestamp), last, '1 month') LOOP
            made := format('%I.%I', parent.area, parent.name || to_char(month, '"_p"YYYYMM'));
            CONTINUE WHEN to_regclass(made) IS NOT NULL;
            EXECUTE format(
                'CREATE TABLE %s PARTITION OF %I.%I FOR VALUES FROM (%L) TO (%L)',
                made,
                parent.area,
                parent.name,
                to_char(month, 'YYYY-MM-DD 00:00:00+00'),
                to_char(month + '1 month', 'YYYY-MM-DD 00:00:00+00')
            );
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', made);
            EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', made);
            EXECUTE format(
                $$CREATE POLICY tenant_isolation ON %s
                USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)$$,
                made
            );
            EXECUTE format(
                'COMMENT ON TABLE %s IS %L',
                made,
                format('The rows of %s.%s in %s.', parent.area, parent.name, to_char(month, 'YYYY-MM'))
            );
            RETURN NEXT made;
        END LOOP;
    END LOOP;
END
$function$;

COMMENT ON FUNCTION operations.make_partitions(date, date) IS
'Makes the partitions that are missing for the months from the first to the last day, and tells which. A partition has
row-level security of its own and is granted to nobody: who read it directly would pass by that of its table. Whoever
calls it needs the privileges, which the owner alone has.';

GRANT EXECUTE ON FUNCTION operations.make_partitions(date, date) TO app_rw;

CREATE FUNCTION operations.drop_partitions(before date, dry_run boolean) RETURNS SETOF text
LANGUAGE plpgsql
SET search_path = pg_catalog
SET lock_timeout = '2s'
AS $function$
DECLARE
    old record;
BEGIN
    FOR old IN
        SELECT
            n.nspname AS area,
            c.relname AS name
        FROM pg_partitioned_table AS p
        INNER JOIN pg_inherits AS i ON i.inhparent = p.partrelid
        INNER JOIN pg_class AS c ON c.oid = i.inhrelid
        INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE right(c.relname, 6) < to_char(before, 'YYYYMM')
        ORDER BY n.nspname, c.relname
    LOOP
        IF NOT dry_run THEN
            EXECUTE format('DROP TABLE %I.%I', old.area, old.name);
        END IF;
        RETURN NEXT format('%I.%I', old.area, old.name);
    END LOOP;
END
$function$;

COMMENT ON FUNCTION operations.drop_partitions(date, boolean) IS
'Drops the partitions of months before that of the day, with their rows, and tells which; a dry run only tells. Whoever
calls it needs the privileges, which the owner alone has.';

GRANT EXECUTE ON FUNCTION operations.drop_partitions(date, boolean) TO app_rw;
