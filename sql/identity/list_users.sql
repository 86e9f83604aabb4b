-- name: identity.list_users :page
-- Users of a tenant, newest first.
-- Index: users_created.
-- row: user
-- param: tenant_id        uuid        = '00000000-0000-7000-8000-000000000001'
-- param: after_created_at timestamptz = 'infinity'
-- param: after_id         uuid        = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit            int         = 30
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
    AND (u.created_at, u.id) < (:after_created_at, :after_id)
ORDER BY u.created_at DESC, u.id DESC
LIMIT :limit + 1;
