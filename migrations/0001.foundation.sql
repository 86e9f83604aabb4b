-- What every area stands on: the four schemas, ids, revisions, legal status changes and the event log.

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA identity;
CREATE SCHEMA inbox;
CREATE SCHEMA drafts;
CREATE SCHEMA operations;

COMMENT ON SCHEMA identity IS 'Who: tenants, their users and the API keys of services.';
COMMENT ON SCHEMA inbox IS 'What came in: channels, conversations, messages, attachments.';
COMMENT ON SCHEMA drafts IS 'What a model drafted, who decided, what went out, what was learned.';
COMMENT ON SCHEMA operations IS 'What keeps it running: the event log, jobs, notifications, idempotency.';

GRANT USAGE ON SCHEMA identity, inbox, drafts, operations TO app_rw, app_ro;

ALTER DEFAULT PRIVILEGES IN SCHEMA identity, inbox, drafts, operations
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app_rw;
ALTER DEFAULT PRIVILEGES IN SCHEMA identity, inbox, drafts, operations
GRANT SELECT ON TABLES TO app_ro;

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

REVOKE INSERT, UPDATE, DELETE ON operations.status_transitions FROM app_rw;

CREATE FUNCTION operations.check_transition() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    -- An argument, because TG_TABLE_NAME is the shard's name on a sharded cluster.
    changed_entity CONSTANT text := TG_ARGV[0];
    old_status text := 'new';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        old_status := OLD.status;
    END IF;
    IF NOT EXISTS (
        SELECT FROM operations.status_transitions AS t
        WHERE t.entity = changed_entity
            AND t.from_status = old_status
            AND t.to_status = NEW.status
    ) THEN
        RAISE EXCEPTION '% cannot go from % to %', changed_entity, old_status, NEW.status
        USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION operations.check_transition() IS
'BEFORE INSERT or a change of status: refuses what status_transitions does not allow, with SQLSTATE DR001.';

-- Events ----------------------------------------------------------------------------------------------

CREATE TABLE operations.epochs (
    epoch integer PRIMARY KEY,
    reason text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE operations.epochs IS
'Transaction ids start anew in a new cluster: after a restore into one, add a row with the next epoch.';

INSERT INTO operations.epochs (epoch, reason) VALUES (1, 'first cluster');
REVOKE INSERT, UPDATE, DELETE ON operations.epochs FROM app_rw;

CREATE FUNCTION operations.current_epoch() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT max(epoch) FROM operations.epochs);

-- As its owner: nobody else writes events, so that none can be forged.
CREATE FUNCTION operations.record_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    entity CONSTANT text := TG_ARGV[0];
    -- Columns whose values are secrets, or bodies that archiving removes: only that they changed is told.
    masked CONSTANT text[] := coalesce(TG_ARGV[1], '{}');
    -- Bookkeeping and the heartbeat of a lease: no event tells of them.
    unremarkable CONSTANT text[] := '{revision,updated_at,lease_expires_at,last_used_at,last_message_at,last_inbound_at,draft_count}';
    before jsonb := '{}';
    after jsonb := '{}';
    tenant uuid;
    subject uuid;
    changes jsonb;
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        before := to_jsonb(OLD);
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        after := to_jsonb(NEW);
    END IF;
    subject := coalesce(after ->> 'id', before ->> 'id')::uuid;
    tenant := coalesce(after ->> 'tenant_id', before ->> 'tenant_id', subject::text)::uuid;

    -- A tenant that is deleted takes its rows and its log with it.
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM identity.tenants AS t WHERE t.id = tenant) THEN
        RETURN NULL;
    END IF;

    SELECT jsonb_object_agg(
        name,
        CASE
            WHEN name = ANY (masked) THEN '["masked", "masked"]'::jsonb
            WHEN length(old_value::text) + length(new_value::text) > 2000 THEN '["long", "long"]'::jsonb
            ELSE jsonb_build_array(old_value, new_value)
        END
    )
    INTO changes
    FROM (
        SELECT
            key AS name,
            coalesce(before -> key, 'null') AS old_value,
            coalesce(after -> key, 'null') AS new_value
        FROM jsonb_object_keys(before || after) AS key
        WHERE key <> ALL (unremarkable) AND key NOT IN ('tenant_id', 'id')
    ) AS columns
    WHERE old_value <> new_value;

    IF TG_OP = 'UPDATE' AND changes IS NULL THEN
        RETURN NULL;
    END IF;

    INSERT INTO operations.events (
        tenant_id, epoch, entity, entity_id, action, changes, actor, role, request_id, ip
    )
    VALUES (
        tenant,
        operations.current_epoch(),
        entity,
        subject,
        coalesce(nullif(current_setting('app.action', true), ''), TG_OP),
        coalesce(changes, '{}'),
        coalesce(nullif(current_setting('app.actor', true), ''), session_user),
        nullif(current_setting('app.role', true), ''),
        nullif(current_setting('app.request_id', true), ''),
        coalesce(nullif(current_setting('app.ip', true), '')::inet, inet_client_addr())
    );
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION operations.record_event() IS
'AFTER each row: writes the one event log, whoever wrote the row. Arguments: entity, masked columns.';

-- Applied migrations ----------------------------------------------------------------------------------

CREATE TABLE operations.applied_migrations (
    migration_id text PRIMARY KEY,
    checksum text NOT NULL
);

COMMENT ON TABLE operations.applied_migrations IS
'SHA-256 of each migration as it was when it was applied: readiness tells a file that was edited since.';

REVOKE INSERT, UPDATE, DELETE ON operations.applied_migrations FROM app_rw;
-- yoyo's own table, which says what is applied now: a rollback does not run the script that keeps the checksums.
GRANT SELECT ON public._yoyo_migration TO app_rw;
