-- name: operations.list_applied_migrations :many
-- Which migrations are applied and what their files held then: readiness compares it with the files.
-- scan: operations.applied_migrations: a row per migration, and all are asked for
-- scan: public._yoyo_migration: a row per migration, and all are asked for
SELECT
    m.migration_id,
    m.checksum
FROM operations.applied_migrations AS m
INNER JOIN public._yoyo_migration AS y ON y.migration_id = m.migration_id
ORDER BY m.migration_id;
