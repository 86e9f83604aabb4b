-- name: catalogue.list_indexes :many
-- The indexes of a table: how large they are, and how often they were used since the statistics were reset,
-- as in pg_stat_user_indexes.
-- param: area       text = 'drafts'
-- param: table_name text = 'drafts'
-- not null: name, definition, size, scans
SELECT
    i.relname::text AS name,
    pg_get_indexdef(i.oid) AS definition,
    obj_description(i.oid, 'pg_class') AS message,
    pg_size_pretty(pg_relation_size(i.oid)) AS size,
    coalesce(pg_stat_get_numscans(i.oid), 0) AS scans
FROM pg_catalog.pg_namespace AS n
INNER JOIN pg_catalog.pg_class AS c
    ON c.relnamespace = n.oid
    AND c.relname = :table_name
INNER JOIN pg_catalog.pg_index AS x ON x.indrelid = c.oid
INNER JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
WHERE n.nspname = :area
ORDER BY x.indisprimary DESC, i.relname ASC;
