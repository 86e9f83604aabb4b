-- name: catalogue.get_table_size :maybe
-- How large a table is: its rows as last estimated, NULL before the first ANALYZE, and its size.
-- single: PostgreSQL keeps the names of schemas, and of tables within one, unique
-- param: area       text = 'drafts'
-- param: table_name text = 'drafts'
-- not null: table_size, index_size
SELECT
    CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS estimated_rows,
    pg_size_pretty(pg_table_size(c.oid)) AS table_size,
    pg_size_pretty(pg_indexes_size(c.oid)) AS index_size
FROM pg_catalog.pg_namespace AS n
INNER JOIN pg_catalog.pg_class AS c
    ON c.relnamespace = n.oid
    AND c.relname = :table_name
WHERE n.nspname = :area;
