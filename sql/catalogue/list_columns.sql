-- name: catalogue.list_columns :many
-- The columns of the tables, in their order, with what they hold, whether they are in the primary key, and what of them
-- is not a writer's to change after the insert: the arguments of the triggers that operations.protect() made say so.
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
    coalesce(a.attnum = any(i.indkey), false) AS is_key,
    CASE
        WHEN NOT has_table_privilege('app_rw', c.oid, 'UPDATE') OR a.attname = any(fixed.columns) THEN 'fixed'
        WHEN a.attname = any(fixed.redacted) THEN 'redacted'
        WHEN a.attname = any(fixed.kept) OR a.attgenerated <> '' THEN 'kept'
        WHEN a.attname IN ('revision', 'updated_at') THEN 'kept'
    END AS protection
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
LEFT OUTER JOIN LATERAL (
    SELECT
        (string_to_array(encode(t.tgargs, 'escape'), '\000'))[2]::text[] AS columns,
        (string_to_array(encode(t.tgargs, 'escape'), '\000'))[3]::text[] AS redacted,
        (string_to_array(encode(t.tgargs, 'escape'), '\000'))[4]::text[] AS kept
    FROM pg_catalog.pg_trigger AS t
    WHERE t.tgrelid = c.oid
        AND t.tgname = 'fixed'
        AND t.tgnargs = 4
    ORDER BY t.tgname
    LIMIT 1
) AS fixed ON true
WHERE n.nspname = any(:areas)
    AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition
ORDER BY n.nspname, c.relname, a.attnum;
