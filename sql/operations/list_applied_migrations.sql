-- name: operations.list_applied_migrations :many
-- Which migrations are applied and what their files held then: readiness compares it with the files.
SELECT
    m.migration_id,
    m.checksum
FROM operations.applied_migrations AS m
INNER JOIN public._yoyo_migration AS y ON y.migration_id = m.migration_id
ORDER BY m.migration_id;
