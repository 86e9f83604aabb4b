-- What PUBLIC may not do in the database of Draftroom, though PostgreSQL allows it by itself. A superuser runs this in
-- the database, before the first `yoyo apply`, and again in one that was restored from a dump: a dump leaves it out.

DO $$
DECLARE
    function_of_large_objects regprocedure;
BEGIN
    -- A temporary table or type is code of its maker's, to be run where another role touches it.
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    -- Large objects belong to no tenant and to no schema.
    FOR function_of_large_objects IN
        SELECT p.oid
        FROM pg_proc AS p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
            AND (p.proname LIKE 'lo\_%' OR p.proname IN ('loread', 'lowrite'))
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function_of_large_objects);
    END LOOP;
END
$$;
