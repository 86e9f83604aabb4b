-- name: catalogue.list_triggers :many
-- The triggers of the tables, with what their functions are for; those that foreign keys bring along are left out.
-- param: areas text[] = '{identity,inbox,drafts,operations}'
-- not null: area, table_name, name, definition
SELECT
    n.nspname::text AS area,
    c.relname::text AS table_name,
    t.tgname::text AS name,
    pg_get_triggerdef(t.oid, true) AS definition,
    coalesce(obj_description(t.oid, 'pg_trigger'), obj_description(t.tgfoid, 'pg_proc')) AS comment
FROM pg_catalog.pg_trigger AS t
-- One by one, so that the plan is the same however large the system's tables are.
INNER JOIN LATERAL (
    SELECT
        k.relname,
        k.relispartition,
        k.relnamespace
    FROM pg_catalog.pg_class AS k
    WHERE k.oid = t.tgrelid
    ORDER BY k.oid
    LIMIT 1
) AS c ON true
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = any(:areas)
    AND NOT t.tgisinternal
    AND NOT c.relispartition
ORDER BY n.nspname, c.relname, t.tgname;
