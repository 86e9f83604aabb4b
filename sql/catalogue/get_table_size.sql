-- name: catalogue.get_table_size :maybe
-- How large a table is, with all its partitions: its rows as last estimated, NULL before the first ANALYZE, and its
-- size.
-- single: PostgreSQL keeps the names of schemas, and of tables within one, unique
-- param: area       text = 'drafts'
-- param: table_name text = 'drafts'
-- not null: table_size, index_size
SELECT
    sum(part.reltuples) FILTER (WHERE part.reltuples >= 0 AND part.relkind <> 'p')::bigint AS estimated_rows,
    pg_size_pretty(sum(pg_table_size(part.oid))) AS table_size,
    pg_size_pretty(sum(pg_indexes_size(part.oid))) AS index_size
FROM pg_catalog.pg_namespace AS n
INNER JOIN pg_catalog.pg_class AS c
    ON c.relnamespace = n.oid
    AND c.relname = :table_name
-- Without a row of a table that has no partitions.
LEFT OUTER JOIN LATERAL pg_partition_tree(c.oid) AS tree ON true
-- One by one, so that the plan is the same however large the system's tables are.
INNER JOIN LATERAL (
    SELECT
        k.oid,
        k.relkind,
        k.reltuples
    FROM pg_catalog.pg_class AS k
    WHERE k.oid = coalesce(tree.relid, c.oid)
    ORDER BY k.oid
    LIMIT 1
) AS part ON true
WHERE n.nspname = :area
GROUP BY c.oid;
