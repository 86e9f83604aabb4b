-- name: operations.get_session :one
-- Who is connected, and to which database: whether that is the role or has its rights, and whether all tenants' rows
-- are open to it, as to app_owner and to who bypasses row-level security.
-- param: role text = 'app_rw'
-- not null: role, database, has_rights, sees_all_tenants
SELECT
    current_user AS role,
    (
        SELECT d.oid
        FROM pg_catalog.pg_database AS d
        WHERE d.datname = current_database()
    ) AS database,
    exists(
        SELECT 1
        FROM pg_catalog.pg_roles AS r
        WHERE r.rolname = :role AND pg_has_role(r.oid, 'USAGE')
    ) AS has_rights,
    exists(
        SELECT 1
        FROM pg_catalog.pg_roles AS r
        WHERE (r.rolname = current_user AND r.rolbypassrls)
            OR (r.rolname = 'app_owner' AND pg_has_role(r.oid, 'MEMBER'))
    ) AS sees_all_tenants;
