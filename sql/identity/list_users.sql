-- name: identity.list_users :page
-- Users of a tenant, newest first.
-- Index: the primary key.
-- row: user
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
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
    AND u.id < :after_id
ORDER BY u.id DESC
LIMIT :limit + 1;
