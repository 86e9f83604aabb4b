-- name: identity.authenticate_user :maybe
-- The active user behind an OIDC token.
-- param: tenant_id     uuid = '00000000-0000-7000-8000-000000000001'
-- param: auth_provider text = 'https://issuer.example'
-- param: auth_subject  text = 'subject'
-- not null: is_suspended, is_freshly_active
SELECT
    u.id,
    u.role,
    t.suspended_at IS NOT NULL AS is_suspended,
    coalesce(u.last_active_at > now() - interval '1 minute', false) AS is_freshly_active
FROM identity.users AS u
INNER JOIN identity.tenants AS t ON t.id = :tenant_id
WHERE u.tenant_id = :tenant_id
    AND u.auth_provider = :auth_provider
    AND u.auth_subject = :auth_subject
    AND u.disabled_at IS NULL;
