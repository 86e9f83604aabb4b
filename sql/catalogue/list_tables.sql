-- name: catalogue.list_tables :many
-- The tables of the areas, with what they are for and whether row-level security holds for their owner too.
-- param: areas text[] = '{identity,inbox,drafts,operations}'
-- not null: area, name, is_isolated
SELECT
    n.nspname::text AS area,
    c.relname::text AS name,
    obj_description(c.oid, 'pg_class') AS comment,
    c.relrowsecurity AND c.relforcerowsecurity AS is_isolated
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = any(:areas)
    AND c.relkind IN ('r', 'p')
ORDER BY n.nspname, c.relname;
