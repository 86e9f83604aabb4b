-- name: identity.get_user :one
-- One user.
-- row: user, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000002'
SELECT
    u.id,
    u.email,
    u.display_name,
    u.role,
    u.auth_provider,
    u.auth_subject,
    u.disabled_at,
    u.created_at,
    u.updated_at,
    u.revision
FROM identity.users AS u
WHERE u.tenant_id = :tenant_id
    AND u.id = :id;
