-- The roles of Draftroom. A superuser runs this once per cluster, then database.sql in the database, before the first
-- `yoyo apply`; running it again changes nothing. Passwords are the cluster's own business: set them with ALTER ROLE.
--
-- Timeouts and the time zone belong to the roles, not to a client's connection string, so that they hold
-- for every client and through a connection pooler.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_owner') THEN
        CREATE ROLE app_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_rw') THEN
        CREATE ROLE app_rw LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_ro') THEN
        CREATE ROLE app_ro LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_backup') THEN
        CREATE ROLE app_backup LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_log') THEN
        CREATE ROLE app_log NOLOGIN;
    END IF;
END
$$;

-- app_owner owns the schema and runs migrations. BYPASSRLS: row-level security is forced on owners too,
-- and a backfill under it would touch no row.
ALTER ROLE app_owner NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS;
ALTER ROLE app_owner SET timezone = 'UTC';
ALTER ROLE app_owner SET jit = off;
-- Trigger functions that look after the rows of all users say so with SET app.user_id = 'any'.
DO $$
BEGIN
    GRANT SET ON PARAMETER app.user_id TO app_owner;
END
$$;

-- app_rw is the service.
ALTER ROLE app_rw NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
ALTER ROLE app_rw SET timezone = 'UTC';
ALTER ROLE app_rw SET statement_timeout = '10s';
ALTER ROLE app_rw SET lock_timeout = '3s';
ALTER ROLE app_rw SET idle_in_transaction_session_timeout = '30s';
-- Every statement is prepared once per connection and its plan reviewed: plan once, not at each call.
ALTER ROLE app_rw SET plan_cache_mode = 'force_generic_plan';
-- A statement reads few rows, whatever the planner takes its cost for: to compile it would take longer than to run it.
ALTER ROLE app_rw SET jit = off;

-- app_ro is analytics and replicas.
ALTER ROLE app_ro NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
ALTER ROLE app_ro SET timezone = 'UTC';
ALTER ROLE app_ro SET jit = off;
ALTER ROLE app_ro SET default_transaction_read_only = on;
ALTER ROLE app_ro SET statement_timeout = '60s';
ALTER ROLE app_ro SET idle_in_transaction_session_timeout = '60s';

-- app_backup dumps the database: it reads all rows of all tenants, so its password is as good as the data.
ALTER ROLE app_backup NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS;
ALTER ROLE app_backup SET default_transaction_read_only = on;
GRANT pg_read_all_data TO app_backup;

-- app_log writes the event log: it owns the functions that triggers call for that, which app_owner makes, and may do
-- nothing else.
ALTER ROLE app_log NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT;
GRANT app_log TO app_owner;
