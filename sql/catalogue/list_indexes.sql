-- name: catalogue.list_indexes :many
-- The indexes of a table: how large they are, and how often they were used since the statistics were reset,
-- as in pg_stat_user_indexes; of a partitioned table those of all partitions together.
-- param: area       text = 'drafts'
-- param: table_name text = 'drafts'
-- not null: name, definition, size, scans
SELECT
    i.relname::text AS name,
    pg_get_indexdef(i.oid) AS definition,
    obj_description(i.oid, 'pg_class') AS message,
    pg_size_pretty(sum(pg_relation_size(coalesce(tree.relid, i.oid)))) AS size,
    sum(coalesce(pg_stat_get_numscans(coalesce(tree.relid, i.oid)), 0))::bigint AS scans
FROM pg_catalog.pg_namespace AS n
INNER JOIN pg_catalog.pg_class AS c
    ON c.relnamespace = n.oid
    AND c.relname = :table_name
INNER JOIN pg_catalog.pg_index AS x ON x.indrelid = c.oid
INNER JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
-- Without a row of an index that has no partitions.
LEFT OUTER JOIN LATERAL pg_partition_tree(i.oid) AS tree ON true
WHERE n.nspname = :area
GROUP BY i.oid, i.relname, x.indisprimary
ORDER BY x.indisprimary DESC, i.relname ASC;
