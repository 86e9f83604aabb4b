-- name: catalogue.list_columns :many
-- The columns of the tables, in their order, with what they hold and whether they are in the primary key.
-- param: areas text[] = '{identity,inbox,drafts,operations}'
-- not null: area, table_name, name, type, is_nullable, is_key
SELECT
    n.nspname::text AS area,
    c.relname::text AS table_name,
    a.attname::text AS name,
    format_type(a.atttypid, a.atttypmod) AS type,
    NOT a.attnotnull AS is_nullable,
    pg_get_expr(d.adbin, d.adrelid) AS default_value,
    col_description(c.oid, a.attnum) AS comment,
    coalesce(a.attnum = any(i.indkey), false) AS is_key
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
INNER JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = c.oid
    AND a.attnum > 0
    AND NOT a.attisdropped
LEFT OUTER JOIN pg_catalog.pg_index AS i
    ON i.indrelid = c.oid
    AND i.indisprimary
LEFT OUTER JOIN pg_catalog.pg_attrdef AS d
    ON d.adrelid = c.oid
    AND d.adnum = a.attnum
WHERE n.nspname = any(:areas)
    AND c.relkind IN ('r', 'p')
ORDER BY n.nspname, c.relname, a.attnum;
