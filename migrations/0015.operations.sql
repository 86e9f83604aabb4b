-- Retention: what only the owner may delete, and of which tenants; and the steps of an ingestion that hang.
-- depends: 0014.pipelines

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE FUNCTION identity.tenant_ids() RETURNS SETOF uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.id
    FROM identity.tenants AS t;
END;

COMMENT ON FUNCTION identity.tenant_ids() IS
'The tenants whom the role may see: all for the owner; for another the one of the transaction.';

CREATE OR REPLACE FUNCTION operations.refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    -- A tenant that is deleted takes its log with it. Retention deletes by operations.forget_events() only.
    IF TG_OP = 'DELETE' AND (
        current_setting('app.action', true) = 'RETENTION'
        OR NOT EXISTS (SELECT FROM identity.tenants AS t WHERE t.id = OLD.tenant_id)
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the event log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION operations.forget_events(tenant_id uuid, ids uuid []) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    action CONSTANT text := coalesce(current_setting('app.action', true), '');
    forgotten bigint;
BEGIN
    PERFORM set_config('app.action', 'RETENTION', true);
    DELETE FROM operations.events AS e
    WHERE e.tenant_id = forget_events.tenant_id AND e.id = ANY (ids);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM set_config('app.action', action, true);
    RETURN forgotten;
END
$$;

COMMENT ON FUNCTION operations.forget_events(uuid, uuid []) IS
'Deletes events, and tells how many. Whoever calls it needs the privilege, which the owner alone has.';

CREATE FUNCTION models.forget_runs(tenant_id uuid, ids uuid []) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    forgotten bigint;
BEGIN
    DELETE FROM models.model_runs AS r
    WHERE r.tenant_id = forget_runs.tenant_id AND r.id = ANY (ids);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

COMMENT ON FUNCTION models.forget_runs(uuid, uuid []) IS
'Deletes model runs, and tells how many. Whoever calls it needs the privilege, which the owner alone has.';

-- An episode has few steps: to read the table once is quick.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX ingestion_steps_unfinished ON tweets.ingestion_steps (tenant_id, started_at, id)
WHERE finished_at IS NULL;
