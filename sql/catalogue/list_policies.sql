-- name: catalogue.list_policies :many
-- The policies of row-level security: for which commands, which rows are seen, which may be written.
-- param: areas text[] = '{identity,inbox,drafts,operations}'
-- not null: area, table_name, name, command
SELECT
    n.nspname::text AS area,
    c.relname::text AS table_name,
    p.polname::text AS name,
    CASE p.polcmd
        WHEN 'r' THEN 'SELECT'
        WHEN 'a' THEN 'INSERT'
        WHEN 'w' THEN 'UPDATE'
        WHEN 'd' THEN 'DELETE'
        ELSE 'all commands'
    END AS command,
    pg_get_expr(p.polqual, p.polrelid, true) AS visible,
    pg_get_expr(p.polwithcheck, p.polrelid, true) AS writable,
    obj_description(p.oid, 'pg_policy') AS comment
FROM pg_catalog.pg_policy AS p
INNER JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = any(:areas)
    AND NOT c.relispartition
ORDER BY n.nspname, c.relname, p.polname;
