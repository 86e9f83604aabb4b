-- Outgoing webhooks: the event log, sent to the addresses that a tenant names.
-- depends: 0010.library

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA webhooks;

COMMENT ON SCHEMA webhooks IS 'Outgoing webhooks: where events are sent, and what became of each.';

GRANT USAGE ON SCHEMA webhooks TO app_rw, app_ro;

-- Endpoints -----------------------------------------------------------------------------------------

CREATE TABLE webhooks.endpoints (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    url text NOT NULL,
    description text,
    types text [] NOT NULL DEFAULT '{change,draft_ready,tweet_status}',
    entities text [],
    status text NOT NULL DEFAULT 'enabled',
    disabled_reason text,
    failing_since timestamptz,
    secret bytea NOT NULL,
    previous_secret bytea,
    previous_expires_at timestamptz,
    after_epoch integer NOT NULL,
    after_xid xid8 NOT NULL,
    after_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT endpoints_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT endpoints_url_check CHECK (octet_length(url) <= 2048 AND url ~ '^https?://[!-~]+$'),
    CONSTRAINT endpoints_description_check CHECK (char_length(description) BETWEEN 1 AND 1000),
    CONSTRAINT endpoints_types_check
    CHECK (
        cardinality(types) BETWEEN 1 AND 3
        AND array_ndims(types) = 1
        AND types <@ '{change,draft_ready,tweet_status}'
    ),
    CONSTRAINT endpoints_entities_check CHECK (
        cardinality(entities) BETWEEN 1 AND 50
        AND array_ndims(entities) = 1
        AND array_to_string(entities, ',', '') ~ '^[a-z_]{1,50}\.[a-z_]{1,50}(,[a-z_]{1,50}\.[a-z_]{1,50})*$'
    ),
    CONSTRAINT endpoints_status_check CHECK (status IN ('enabled', 'disabled')),
    CONSTRAINT endpoints_disabled_check CHECK (
        (status = 'disabled') = (disabled_reason IS NOT NULL)
        AND disabled_reason IN ('administrator', 'failing', 'gone')
    ),
    CONSTRAINT endpoints_previous_check CHECK ((previous_secret IS NULL) = (previous_expires_at IS NULL))
);

COMMENT ON TABLE webhooks.endpoints IS
'Addresses that the tenant''s events are sent to. Each has a position in the event log, up to which it has deliveries.';
COMMENT ON COLUMN webhooks.endpoints.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN webhooks.endpoints.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN webhooks.endpoints.url IS
'Where events are posted: https, or http where the service allows it; ASCII, up to 2048 bytes.';
COMMENT ON COLUMN webhooks.endpoints.description IS 'What it is for, for people to read; NULL if nobody said.';
COMMENT ON COLUMN webhooks.endpoints.types IS
'The types of events that it is sent: change, draft_ready and tweet_status, as in the stream of events.';
COMMENT ON COLUMN webhooks.endpoints.entities IS
'The tables whose events it is sent, with their schemas, up to 50; NULL for all.';
COMMENT ON COLUMN webhooks.endpoints.status IS
'enabled or disabled. A disabled one is sent nothing; its position and its deliveries stay.';
COMMENT ON COLUMN webhooks.endpoints.disabled_reason IS
'administrator; failing, for days without a success; or gone, after an answer 410. NULL while it is enabled.';
COMMENT ON COLUMN webhooks.endpoints.failing_since IS
'When the first delivery failed since the latest success; NULL if none has.';
COMMENT ON COLUMN webhooks.endpoints.secret IS 'Signs what is sent: 32 random bytes, encrypted under SECRET_KEY.';
COMMENT ON COLUMN webhooks.endpoints.previous_secret IS
'The secret before the latest rotation, which signs as well until previous_expires_at; encrypted, and NULL if there is
none.';
COMMENT ON COLUMN webhooks.endpoints.previous_expires_at IS
'Until when the previous secret signs as well; NULL if there is none.';
COMMENT ON COLUMN webhooks.endpoints.after_epoch IS
'The epoch of its position: the events up to it have deliveries. Set by webhooks.admit(), moved on by
webhooks.read_log.';
COMMENT ON COLUMN webhooks.endpoints.after_xid IS 'The transaction of its position.';
COMMENT ON COLUMN webhooks.endpoints.after_id IS 'The id of the latest event up to its position.';
COMMENT ON COLUMN webhooks.endpoints.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN webhooks.endpoints.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN webhooks.endpoints.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT endpoints_url_check ON webhooks.endpoints IS
'url: must be an http or https URL of 1 to 2048 characters of ASCII without spaces';
COMMENT ON CONSTRAINT endpoints_description_check ON webhooks.endpoints IS
'description: must have 1 to 1000 characters';
COMMENT ON CONSTRAINT endpoints_types_check ON webhooks.endpoints IS
'types: must have one to three of change, draft_ready and tweet_status';
COMMENT ON CONSTRAINT endpoints_entities_check ON webhooks.endpoints IS
'entities: must be 1 to 50 tables with their schemas, such as drafts.drafts';
COMMENT ON CONSTRAINT endpoints_status_check ON webhooks.endpoints IS 'status: must be enabled or disabled';
COMMENT ON CONSTRAINT endpoints_disabled_check ON webhooks.endpoints IS
'disabled_reason: a disabled endpoint has administrator, failing or gone, an enabled one has none';
COMMENT ON CONSTRAINT endpoints_previous_check ON webhooks.endpoints IS
'previous_expires_at: a previous secret has it, otherwise there is none';

CALL operations.protect(
    'webhooks.endpoints', rows => 'tenant',
    shown => '{types,entities,status,disabled_reason,previous_expires_at,created_at}',
    fixed => '{created_at}',
    quiet => '{failing_since,after_epoch,after_xid,after_id}',
    writes => '{INSERT,UPDATE,DELETE}'
);

CREATE FUNCTION webhooks.admit() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    -- One after another, so that two do not both take the last place.
    PERFORM FROM identity.tenants AS t
    WHERE t.id = NEW.tenant_id
    FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM webhooks.endpoints AS e WHERE e.tenant_id = NEW.tenant_id) >= 20 THEN
        RAISE EXCEPTION 'a tenant has at most 20 webhook endpoints' USING ERRCODE = 'DR001';
    END IF;
    -- Not as defaults: on a sharded cluster the coordinator would evaluate them.
    NEW.after_epoch := operations.current_epoch();
    NEW.after_xid := pg_snapshot_xmin(pg_current_snapshot());
    NEW.after_id := '00000000-0000-0000-0000-000000000000';
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION webhooks.admit() IS
'BEFORE INSERT on endpoints: refuses the 21st of a tenant, with SQLSTATE DR001; begins where the event log ends now.';

CREATE TRIGGER admit BEFORE INSERT ON webhooks.endpoints
FOR EACH ROW EXECUTE FUNCTION webhooks.admit();

CREATE FUNCTION webhooks.move_on() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF (NEW.after_epoch, NEW.after_xid, NEW.after_id) < (OLD.after_epoch, OLD.after_xid, OLD.after_id)
        OR (NEW.after_epoch, NEW.after_xid)
        > (operations.current_epoch(), pg_snapshot_xmin(pg_current_snapshot()))
    THEN
        RAISE EXCEPTION 'the position of an endpoint only moves on, and not beyond the end of the event log'
        USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION webhooks.move_on() IS
'BEFORE the position of an endpoint changes: refuses to send again what it has passed, or to pass what is still to come,
with SQLSTATE DR001. What is to be sent again is replayed.';

CREATE TRIGGER move_on BEFORE UPDATE ON webhooks.endpoints
FOR EACH ROW WHEN (
    (old.after_epoch, old.after_xid, old.after_id) IS DISTINCT FROM (new.after_epoch, new.after_xid, new.after_id)
)
EXECUTE FUNCTION webhooks.move_on();

CREATE FUNCTION webhooks.is_recorded(entity text) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    -- The function that operations.protect() made: the table itself has another name on a shard.
    RETURN EXISTS (
        SELECT
        FROM pg_catalog.pg_proc AS p
        INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = split_part(entity, '.', 1)
            AND p.proname = 'record_' || split_part(entity, '.', 2)
            AND p.prosecdef
    );
END
$$;

COMMENT ON FUNCTION webhooks.is_recorded(text) IS
'Whether the event log has events of a table, which is named with its schema.';

GRANT EXECUTE ON FUNCTION webhooks.is_recorded(text) TO app_rw;

CREATE FUNCTION webhooks.check_recorded() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    silent CONSTANT text := (SELECT min(e) FROM unnest(NEW.entities) AS e WHERE NOT webhooks.is_recorded(e));
BEGIN
    IF silent IS NOT NULL THEN
        RAISE EXCEPTION 'there are no events of %: violates constraint "%"', silent, TG_NAME
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION webhooks.check_recorded() IS
'AFTER the entities of an endpoint are set: refuses tables without events, of which nothing would ever be sent.';

CREATE CONSTRAINT TRIGGER endpoints_recorded_check AFTER INSERT OR UPDATE OF entities ON webhooks.endpoints
DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (new.entities IS NOT NULL)
EXECUTE FUNCTION webhooks.check_recorded();

COMMENT ON CONSTRAINT endpoints_recorded_check ON webhooks.endpoints IS
'entities: must be tables of which there are events';

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('webhooks.endpoints', 'new', 'enabled'),
('webhooks.endpoints', 'enabled', 'disabled'),
('webhooks.endpoints', 'disabled', 'enabled');

CALL operations.guard_status('webhooks.endpoints');

CREATE FUNCTION webhooks.tenant_ids() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    -- all tenants: for the owner.
    RETURN QUERY
    SELECT t.id
    FROM identity.tenants AS t
    WHERE t.suspended_at IS NULL
        AND EXISTS (
            SELECT
            FROM webhooks.endpoints AS e
            WHERE e.tenant_id = t.id
                AND e.status = 'enabled'
        );
END
$$;

COMMENT ON FUNCTION webhooks.tenant_ids() IS
'The tenants that something may have to be sent for, of those whom the role may see: all for the owner.';

GRANT EXECUTE ON FUNCTION webhooks.tenant_ids() TO app_rw, app_ro;

-- Deliveries ----------------------------------------------------------------------------------------

CREATE TABLE webhooks.deliveries (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    endpoint_id uuid NOT NULL,
    event_id uuid NOT NULL,
    epoch integer NOT NULL,
    xid xid8 NOT NULL,
    type text NOT NULL,
    entity text NOT NULL,
    entity_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'waiting',
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    lease_id uuid,
    lease_expires_at timestamptz,
    response_status integer,
    duration_ms integer,
    error text,
    finished_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT deliveries_endpoint_fkey FOREIGN KEY (tenant_id, endpoint_id)
    REFERENCES webhooks.endpoints (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT deliveries_event_key UNIQUE (tenant_id, endpoint_id, event_id),
    CONSTRAINT deliveries_type_check CHECK (type IN ('change', 'draft_ready', 'tweet_status', 'test')),
    CONSTRAINT deliveries_status_check
    CHECK (status IN ('waiting', 'pending', 'delivering', 'delivered', 'dead')),
    CONSTRAINT deliveries_attempts_check CHECK (attempts >= 0),
    CONSTRAINT deliveries_lease_check CHECK (
        (status = 'delivering') = (lease_expires_at IS NOT NULL)
        AND (status = 'delivering') = (lease_id IS NOT NULL)
    ),
    CONSTRAINT deliveries_response_status_check CHECK (response_status BETWEEN 100 AND 999),
    CONSTRAINT deliveries_duration_check CHECK (duration_ms >= 0),
    CONSTRAINT deliveries_error_check CHECK (
        char_length(error) BETWEEN 1 AND 500
        AND (status <> 'dead' OR error IS NOT NULL)
    ),
    CONSTRAINT deliveries_finished_check
    CHECK ((status IN ('delivered', 'dead')) = (finished_at IS NOT NULL))
);

COMMENT ON TABLE webhooks.deliveries IS
'What an event is to an endpoint: sent, to be sent, or given up. What is sent is read from the event log.';
COMMENT ON COLUMN webhooks.deliveries.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN webhooks.deliveries.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN webhooks.deliveries.endpoint_id IS 'Where it is sent.';
COMMENT ON COLUMN webhooks.deliveries.event_id IS
'The event of operations.events, which retention may have deleted; of a test, an id of its own. It is the webhook-id.';
COMMENT ON COLUMN webhooks.deliveries.epoch IS 'Of the event, for its place in the order of the log.';
COMMENT ON COLUMN webhooks.deliveries.xid IS 'The transaction of the event, for its place in the order of the log.';
COMMENT ON COLUMN webhooks.deliveries.type IS
'change, draft_ready or tweet_status, as in the stream of events; or test.';
COMMENT ON COLUMN webhooks.deliveries.entity IS 'The table of the event, with its schema.';
COMMENT ON COLUMN webhooks.deliveries.entity_id IS
'The id of the row that was changed: events of a row are sent one after another. Of a test, an id of its own.';
COMMENT ON COLUMN webhooks.deliveries.status IS
'waiting for an earlier one of the same row, pending, delivering, delivered or dead; operations.status_transitions has
the legal changes.';
COMMENT ON COLUMN webhooks.deliveries.attempts IS
'How often it was sent, or given to a process that is gone; from 0 again once somebody has it sent anew.';
COMMENT ON COLUMN webhooks.deliveries.next_attempt_at IS
'Not sent before; moved on by the backoff after a failure, or when a lease ran out.';
COMMENT ON COLUMN webhooks.deliveries.lease_id IS
'New for each claim: a process that reports with an older one has lost the delivery. NULL unless delivering.';
COMMENT ON COLUMN webhooks.deliveries.lease_expires_at IS
'Until when the claim holds; NULL unless delivering. After it the delivery is pending again, or
dead.';
COMMENT ON COLUMN webhooks.deliveries.response_status IS
'The HTTP status of the latest answer; NULL if there was none.';
COMMENT ON COLUMN webhooks.deliveries.duration_ms IS
'How long the latest attempt took, in milliseconds; NULL before the first.';
COMMENT ON COLUMN webhooks.deliveries.error IS
'Why the latest attempt failed, up to 500 characters; NULL if it has not. A dead one always has it.';
COMMENT ON COLUMN webhooks.deliveries.finished_at IS
'When it was delivered or given up; NULL before.';
COMMENT ON COLUMN webhooks.deliveries.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON CONSTRAINT deliveries_endpoint_fkey ON webhooks.deliveries IS
'endpoint_id: there is no such endpoint';
COMMENT ON CONSTRAINT deliveries_event_key ON webhooks.deliveries IS
'event_id: the endpoint has a delivery of this event';
COMMENT ON CONSTRAINT deliveries_type_check ON webhooks.deliveries IS
'type: must be change, draft_ready, tweet_status or test';
COMMENT ON CONSTRAINT deliveries_status_check ON webhooks.deliveries IS
'status: must be waiting, pending, delivering, delivered or dead';
COMMENT ON CONSTRAINT deliveries_attempts_check ON webhooks.deliveries IS 'attempts: must not be negative';
COMMENT ON CONSTRAINT deliveries_lease_check ON webhooks.deliveries IS
'lease_expires_at: a delivery under way has a lease, no other has';
COMMENT ON CONSTRAINT deliveries_response_status_check ON webhooks.deliveries IS
'response_status: must be from 100 to 999';
COMMENT ON CONSTRAINT deliveries_duration_check ON webhooks.deliveries IS 'duration_ms: must not be negative';
COMMENT ON CONSTRAINT deliveries_error_check ON webhooks.deliveries IS
'error: must have 1 to 500 characters, and a dead delivery says why';
COMMENT ON CONSTRAINT deliveries_finished_check ON webhooks.deliveries IS
'finished_at: a delivered or dead one has it, no other has';

-- Only the first of a row's unfinished deliveries is due, and what is due has an index of its own: however long the
-- others wait, a claim does not read them.
CREATE UNIQUE INDEX deliveries_first ON webhooks.deliveries (tenant_id, endpoint_id, entity_id)
WHERE status IN ('pending', 'delivering');
COMMENT ON INDEX webhooks.deliveries_first IS
'status: the endpoint has an unfinished delivery of the same row';
CREATE INDEX deliveries_waiting ON webhooks.deliveries (tenant_id, endpoint_id, entity_id, epoch, xid, event_id)
WHERE status = 'waiting';
CREATE INDEX deliveries_due ON webhooks.deliveries (tenant_id, endpoint_id, next_attempt_at, id)
WHERE status = 'pending';
CREATE INDEX deliveries_leased ON webhooks.deliveries (tenant_id, lease_expires_at)
WHERE status = 'delivering';
CREATE INDEX deliveries_status ON webhooks.deliveries (tenant_id, endpoint_id, status, event_id);

CALL operations.protect(
    'webhooks.deliveries', rows => 'tenant',
    fixed => '{endpoint_id,event_id,epoch,xid,type,entity,entity_id,created_at}',
    recorded => false
);

CREATE FUNCTION webhooks.send_next() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    LOOP
        -- Locked, lest it end unseen: either this waits for its end, or its own trigger sees the row of this one.
        PERFORM FROM webhooks.deliveries AS d
        WHERE d.tenant_id = NEW.tenant_id
            AND d.endpoint_id = NEW.endpoint_id
            AND d.entity_id = NEW.entity_id
            AND d.status IN ('pending', 'delivering')
        FOR SHARE;
        IF FOUND THEN
            RETURN NULL;
        END IF;
        -- What ended while this waited for it may have made another one pending.
        EXIT WHEN NOT EXISTS (
            SELECT FROM webhooks.deliveries AS d
            WHERE d.tenant_id = NEW.tenant_id
                AND d.endpoint_id = NEW.endpoint_id
                AND d.entity_id = NEW.entity_id
                AND d.status IN ('pending', 'delivering')
        );
    END LOOP;
    UPDATE webhooks.deliveries AS d
    SET status = 'pending'
    WHERE d.tenant_id = NEW.tenant_id
        AND d.id = (
            SELECT w.id
            FROM webhooks.deliveries AS w
            WHERE w.tenant_id = NEW.tenant_id
                AND w.endpoint_id = NEW.endpoint_id
                AND w.entity_id = NEW.entity_id
                AND w.status = 'waiting'
            ORDER BY w.epoch, w.xid, w.event_id
            LIMIT 1
        );
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION webhooks.send_next() IS
'AFTER a delivery begins to wait or has ended: if no other of the same row to the same endpoint is pending or under way,
the first that waits becomes pending.';

CREATE TRIGGER send_next AFTER INSERT OR UPDATE OF status ON webhooks.deliveries
FOR EACH ROW WHEN (new.status IN ('waiting', 'delivered', 'dead'))
EXECUTE FUNCTION webhooks.send_next();

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('webhooks.deliveries', 'new', 'waiting'),
('webhooks.deliveries', 'waiting', 'pending'),
('webhooks.deliveries', 'pending', 'delivering'),
('webhooks.deliveries', 'delivering', 'pending'),
('webhooks.deliveries', 'delivering', 'delivered'),
('webhooks.deliveries', 'delivering', 'dead'),
('webhooks.deliveries', 'delivered', 'waiting'),
('webhooks.deliveries', 'dead', 'waiting');

CALL operations.guard_status('webhooks.deliveries');

CREATE FUNCTION webhooks.forget_deliveries(tenant_id uuid, ids uuid []) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    forgotten bigint;
BEGIN
    DELETE FROM webhooks.deliveries AS d
    WHERE d.tenant_id = forget_deliveries.tenant_id
        AND d.id = ANY (ids)
        AND d.status IN ('delivered', 'dead');
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

COMMENT ON FUNCTION webhooks.forget_deliveries(uuid, uuid []) IS
'Deletes deliveries that ended, and tells how many. Whoever calls it needs the privilege, which the owner alone has.';

GRANT EXECUTE ON FUNCTION webhooks.forget_deliveries(uuid, uuid []) TO app_rw;
