-- name: identity.get_user :one
-- One user.
-- row: user, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000002'
SELECT
    u.id,
    u.public_id,
    u.email,
    u.display_name,
    u.handle,
    u.role,
    u.is_bot,
    u.is_private,
    u.languages,
    u.auth_provider,
    u.auth_subject,
    u.disabled_at,
    u.last_active_at,
    u.created_at,
    u.updated_at,
    u.revision
FROM identity.users AS u
WHERE u.tenant_id = :tenant_id
    AND u.id = :id;
