-- name: operations.get_session :one
-- Who is connected, and to which database. Whether that is the role, or another that has its rights, and is bound by
-- row-level security: who bypasses it, or may act as app_owner, is not.
-- param: role text = 'app_rw'
-- not null: role, database, fits
SELECT
    current_user AS role,
    (
        SELECT d.oid
        FROM pg_catalog.pg_database AS d
        WHERE d.datname = current_database()
    ) AS database,
    EXISTS (
        SELECT 1
        FROM pg_catalog.pg_roles AS r
        WHERE r.rolname = :role AND pg_has_role(r.oid, 'USAGE')
    )
    AND NOT EXISTS (
        SELECT 1
        FROM pg_catalog.pg_roles AS r
        WHERE (r.rolname = current_user AND r.rolbypassrls)
            OR (r.rolname = 'app_owner' AND pg_has_role(r.oid, 'MEMBER'))
    ) AS fits;
