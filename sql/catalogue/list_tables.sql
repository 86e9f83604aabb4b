-- name: catalogue.list_tables :many
-- The tables of the areas, with what they are for, whether row-level security holds for their owner too, and what a
-- writer, who connects as app_rw, and a reader, as app_ro, may do with them.
-- param: areas text[] = '{identity,inbox,drafts,operations}'
-- not null: area, name, is_isolated, writer_may, is_readable
SELECT
    n.nspname::text AS area,
    c.relname::text AS name,
    obj_description(c.oid, 'pg_class') AS comment,
    c.relrowsecurity AND c.relforcerowsecurity AS is_isolated,
    array(
        SELECT p.name
        FROM unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) WITH ORDINALITY AS p (name, place)
        WHERE has_table_privilege('app_rw', c.oid, p.name)
        ORDER BY p.place
    ) AS writer_may,
    has_table_privilege('app_ro', c.oid, 'SELECT') AS is_readable
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = any(:areas)
    AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition
ORDER BY n.nspname, c.relname;
