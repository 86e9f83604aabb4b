-- name: catalogue.list_constraints :many
-- The constraints of the tables, with what a client is told when one is violated; of foreign keys also which
-- columns reference which table. That a column is NOT NULL is told with the column.
-- param: areas text[] = '{identity,inbox,drafts,operations}'
-- not null: area, table_name, name, type, definition
SELECT
    n.nspname::text AS area,
    c.relname::text AS table_name,
    k.conname::text AS name,
    k.contype::text AS type,
    pg_get_constraintdef(k.oid, true) AS definition,
    obj_description(k.oid, 'pg_constraint') AS message,
    fn.nspname || '.' || f.relname AS references_table,
    own.columns
FROM pg_catalog.pg_constraint AS k
INNER JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT OUTER JOIN pg_catalog.pg_class AS f ON f.oid = k.confrelid
LEFT OUTER JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.relnamespace
LEFT OUTER JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY key.place) AS columns
    FROM unnest(k.conkey) WITH ORDINALITY AS key (attnum, place)
    INNER JOIN pg_catalog.pg_attribute AS a
        ON a.attrelid = k.conrelid
        AND a.attnum = key.attnum
) AS own ON true
WHERE n.nspname = any(:areas)
    AND k.contype IN ('p', 'u', 'f', 'c', 'x', 't')
    AND NOT c.relispartition
ORDER BY n.nspname, c.relname, position(k.contype::text IN 'pufcxt'), k.conname;
