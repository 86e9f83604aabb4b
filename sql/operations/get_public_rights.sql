-- name: operations.get_public_rights :one
-- What everybody may do in the database that migrations/setup/database.sql takes from them; a restored one lacks that.
-- not null: temporary, large_objects
SELECT
    has_database_privilege('public', current_database(), 'TEMPORARY') AS temporary,
    has_function_privilege('public', 'pg_catalog.lo_creat(integer)', 'EXECUTE') AS large_objects;
