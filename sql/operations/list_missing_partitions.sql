-- name: operations.list_missing_partitions :many
-- The partitioned tables that have no partition for the next month yet. Reads PostgreSQL's catalog.
-- not null: name
SELECT n.nspname || '.' || c.relname AS name
FROM pg_catalog.pg_partitioned_table AS p
INNER JOIN pg_catalog.pg_class AS c ON c.oid = p.partrelid
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT OUTER JOIN pg_catalog.pg_class AS next
    ON next.relnamespace = c.relnamespace
    AND next.relname = c.relname || to_char(now() AT TIME ZONE 'UTC' + interval '1 month', '"_p"YYYYMM')
WHERE next.oid IS NULL
ORDER BY n.nspname || '.' || c.relname;
