-- name: operations.list_constraint_comments :many
-- The comments on constraints and unique indexes, "field: message": what a client is told when one is violated; by the
-- name of a partitioned table, that a row falls into none of its partitions.
-- Reads PostgreSQL's catalog, once per process.
-- not null: name, comment
SELECT
    n.nspname || '.' || c.conname AS name,
    obj_description(c.oid, 'pg_constraint') AS comment
FROM pg_catalog.pg_constraint AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.connamespace
WHERE obj_description(c.oid, 'pg_constraint') IS NOT NULL
UNION ALL
SELECT
    n.nspname || '.' || i.relname AS name,
    obj_description(i.oid, 'pg_class') AS comment
FROM pg_catalog.pg_class AS i
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = i.relnamespace
WHERE i.relkind = 'i'
    AND obj_description(i.oid, 'pg_class') IS NOT NULL
UNION ALL
SELECT
    n.nspname || '.' || c.relname AS name,
    a.attname || ': there is no partition for this time' AS comment
FROM pg_catalog.pg_partitioned_table AS p
INNER JOIN pg_catalog.pg_class AS c ON c.oid = p.partrelid
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
INNER JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = p.partrelid
    AND a.attnum = p.partattrs[0]
ORDER BY name;
