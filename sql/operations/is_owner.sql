-- name: operations.is_owner :one
-- Whether the role that connected may act as app_owner: to any other all tenants' tables are empty, so a command would
-- find nothing to do and say that it is done. The policy on tenants asks the same.
-- not null: is_owner, role
SELECT
    pg_has_role(session_user, 'app_owner', 'MEMBER') AS is_owner,
    session_user AS role;
