-- name: operations.list_missing_partitions :many
-- The partitioned tables that have no partition for the next month yet. Reads PostgreSQL's catalog.
-- not null: name
SELECT n.nspname || '.' || c.relname AS name
FROM pg_catalog.pg_partitioned_table AS p
INNER JOIN pg_catalog.pg_class AS c ON c.oid = p.partrelid
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE to_regclass(
        format(
            '%I.%I',
            n.nspname,
            c.relname || to_char(now() AT TIME ZONE 'UTC' + interval '1 month', '"_p"YYYYMM')
        )
    ) IS NULL
ORDER BY n.nspname || '.' || c.relname;
