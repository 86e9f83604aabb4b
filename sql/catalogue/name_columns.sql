-- name: catalogue.name_columns :many
-- The columns behind a statement's result, which the server describes by table and number only.
-- Indexes: pg_attribute_relid_attnum_index, pg_class_oid_index.
-- param: tables  oid[]  = '{1259,1259}'
-- param: numbers int2[] = '{2,3}'
SELECT
    a.attrelid AS table_id,
    a.attnum AS number,
    n.nspname AS schema_name,
    c.relname AS table_name,
    a.attname AS column_name,
    a.attnotnull AS is_not_null
FROM unnest(:tables::oid [], :numbers::int2 []) AS wanted (table_id, number)
INNER JOIN pg_attribute AS a
    ON a.attrelid = wanted.table_id
    AND a.attnum = wanted.number
INNER JOIN pg_class AS c ON c.oid = a.attrelid
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY a.attrelid, a.attnum;
