-- name: catalogue.list_areas :many
-- The schemas of the areas, with what they are for.
-- param: areas text[] = '{identity,inbox,drafts,operations}'
-- not null: name
SELECT
    n.nspname::text AS name,
    obj_description(n.oid, 'pg_namespace') AS comment
FROM pg_catalog.pg_namespace AS n
WHERE n.nspname = any(:areas)
ORDER BY n.oid;
