SET LOCAL lock_timeout = '5s';

DROP INDEX tweets.ingestion_steps_unfinished;
DROP FUNCTION models.forget_runs(uuid, uuid []);
DROP FUNCTION operations.forget_events(uuid, uuid []);
CREATE OR REPLACE FUNCTION operations.refuse_change() RETURNS trigger
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
DROP FUNCTION identity.tenant_ids();
