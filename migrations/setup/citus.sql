-- Spreads the tables over the nodes of a Citus cluster. A superuser runs this in the database, on the coordinator, when
-- `yoyo apply` is done, and again after each migration that adds a table or a function and after a node was added; what
-- is distributed stays as it is. Nobody may write meanwhile: triggers are off while rows are copied, so the log would
-- not tell. See docs/scale-out.md.
--
-- It finds the tables in the catalog. One with tenant_id is distributed by it, identity.tenants by its id, all in one
-- colocation group; what belongs to no tenant is copied to every node. What only the coordinator needs stays there: the
-- tables of yoyo, and operations.applied_migrations, which is joined with them.

SELECT
    set_config('citus.enable_unsafe_triggers', 'on', false),
    set_config('citus.multi_shard_modify_mode', 'sequential', false),
    -- A table that refers to a reference table before it is distributed itself stays a table of PostgreSQL until then.
    set_config('citus.enable_local_reference_table_foreign_keys', 'off', false);

-- Settings, for sessions that begin from here on --------------------------------------------------------

DO $$
DECLARE
    database CONSTANT text := quote_ident(current_database());
BEGIN
    -- A setting of a transaction reaches the nodes that keep the rows, where row-level security reads it.
    EXECUTE format('ALTER DATABASE %s SET citus.propagate_set_commands = ''local''', database);
    -- Every trigger keeps to the rows of one tenant, which are on one node; so does a function that a statement calls.
    EXECUTE format('ALTER DATABASE %s SET citus.enable_unsafe_triggers = on', database);
    EXECUTE format('ALTER DATABASE %s SET citus.allow_nested_distributed_execution = on', database);
    -- A generic plan could not be for the one node that has the tenant.
    EXECUTE format('ALTER ROLE app_rw IN DATABASE %s SET plan_cache_mode = auto', database);
    -- A migration changes a function after a table, in one transaction: that needs one connection to each node.
    EXECUTE format('ALTER ROLE app_owner IN DATABASE %s SET citus.multi_shard_modify_mode = sequential', database);
END
$$;

-- set_config() is no command that Citus passes on; SET LOCAL is.
CREATE OR REPLACE FUNCTION operations.set_local(name text, value text) RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('SET LOCAL %I = %L', name, value);
    RETURN value;
END
$$;

-- Replaced here, it comes to the other nodes without its grants.
GRANT EXECUTE ON FUNCTION operations.set_local(text, text) TO app_rw, app_ro;

-- The latest epoch has the timeline of the coordinator. A node that was promoted is on a later one of its own, and the
-- epoch that it writes is as much later: a shard that moves away from it has to find one that is later still.
CREATE OR REPLACE FUNCTION operations.next_epoch() RETURNS integer
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (
        SELECT greatest(
            max(e.epoch) + 1,
            max(e.epoch) + (
                SELECT max(w.result::integer)
                FROM run_command_on_workers('SELECT operations.timeline()') AS w
            ),
            operations.current_epoch()
        )
        FROM operations.epochs AS e
    );
END
$$;

-- Constraint triggers ---------------------------------------------------------------------------------

-- The parts of a statement run one after the other there: what rows of several tables must be to each other holds when
-- the last is done, so it is looked at when the transaction commits.
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT
            t.tgname AS name,
            t.tgrelid::regclass AS guarded,
            replace(pg_get_triggerdef(t.oid), 'INITIALLY IMMEDIATE', 'INITIALLY DEFERRED') AS definition,
            obj_description(t.tgconstraint, 'pg_constraint') AS comment
        FROM pg_trigger AS t
        INNER JOIN pg_class AS c ON c.oid = t.tgrelid
        WHERE c.relowner = 'app_owner'::regrole
            AND t.tgdeferrable
            AND NOT t.tginitdeferred
            AND NOT t.tgisinternal
            AND t.tgparentid = 0
        ORDER BY c.oid::regclass::text, t.tgname
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', found.name, found.guarded);
        EXECUTE found.definition;
        EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', found.name, found.guarded, found.comment);
    END LOOP;
END
$$;

-- Tables and functions --------------------------------------------------------------------------------

DO $$
DECLARE
    found record;
    relation regclass;
    distributed regclass[] := '{}';
BEGIN
    -- Citus makes a function on another node as its owner, also when a node is added later, and app_log owns some in
    -- schemas that it has no right to.
    FOR found IN
        SELECT n.nspname AS name
        FROM pg_namespace AS n
        WHERE n.nspowner = 'app_owner'::regrole AND NOT has_schema_privilege('app_log', n.oid, 'USAGE')
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO app_log', found.name);
    END LOOP;

    FOR found IN
        WITH RECURSIVE own AS (
            SELECT
                c.oid,
                c.relname,
                n.nspname,
                CASE
                    WHEN c.oid = 'identity.tenants'::regclass THEN 'id'
                    ELSE (SELECT a.attname FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
                END AS distribution_column
            FROM pg_class AS c
            INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspowner = 'app_owner'::regrole
                AND c.relkind IN ('r', 'p')
                AND NOT c.relispartition
                AND c.oid <> 'operations.applied_migrations'::regclass
        ),

        -- How many foreign keys lead to a table, one after the other: parents go before children.
        depth AS (
            SELECT
                own.oid,
                0 AS depth
            FROM own
            UNION
            SELECT
                k.conrelid AS oid,
                depth.depth + 1 AS depth
            FROM depth
            INNER JOIN pg_constraint AS k
                ON k.confrelid = depth.oid AND k.contype = 'f' AND k.conrelid <> k.confrelid
            WHERE depth.depth < 50
        )

        SELECT
            own.oid::regclass AS name,
            own.distribution_column
        FROM own
        INNER JOIN depth ON depth.oid = own.oid
        WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition AS p WHERE p.logicalrelid = own.oid)
        GROUP BY own.oid, own.nspname, own.relname, own.distribution_column
        ORDER BY own.distribution_column IS NOT NULL, max(depth.depth), own.nspname, own.relname
    LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', found.name);
        IF found.distribution_column IS NULL THEN
            PERFORM create_reference_table(found.name);
        ELSE
            PERFORM create_distributed_table(
                found.name,
                found.distribution_column,
                colocate_with => CASE WHEN found.name = 'identity.tenants'::regclass THEN 'none' ELSE 'identity.tenants' END
            );
        END IF;
        distributed := distributed || found.name;
        RAISE NOTICE 'distributed %', found.name;
    END LOOP;

    FOREACH relation IN ARRAY distributed LOOP
        EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', relation);
    END LOOP;
    -- The rows that were here before are on the nodes now.
    FOREACH relation IN ARRAY distributed LOOP
        PERFORM truncate_local_data_after_distributing_table(relation);
    END LOOP;

    -- What triggers and statements call there.
    FOR found IN
        SELECT p.oid::regprocedure AS name
        FROM pg_proc AS p
        INNER JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspowner = 'app_owner'::regrole
            AND NOT EXISTS (
                SELECT 1 FROM pg_dist_object AS o
                WHERE o.classid = 'pg_proc'::regclass AND o.objid = p.oid
            )
    LOOP
        PERFORM create_distributed_function(found.name);
    END LOOP;

    -- Citus passes on who was granted a function, but not that PUBLIC was not.
    FOR found IN SELECT n.nspname AS name FROM pg_namespace AS n WHERE n.nspowner = 'app_owner'::regrole LOOP
        EXECUTE format('REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA %I FROM PUBLIC', found.name);
    END LOOP;

    -- Each node counts transactions of its own.
    IF distributed <> '{}' THEN
        PERFORM operations.raise_epoch('distributed over a cluster');
    END IF;
END
$$;
