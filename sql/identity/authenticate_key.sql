-- name: identity.authenticate_key :maybe
-- The API key behind a credential and, if the service acts for a user, that user if active.
-- The tenant is the one that the credential claims; the secret's hash proves it.
-- Indexes: api_keys_prefix_key, tenants_pkey, users_pkey, users_email_key.
-- single: one key by its prefix, and one user by the id or the address
-- param: tenant_id         uuid      = '00000000-0000-7000-8000-000000000001'
-- param: prefix            text      = '0123456789ab'
-- param: acting_user_id    uuid NULL = NULL
-- param: acting_user_email text NULL = 'agent@example.com'
-- not null: is_valid, is_freshly_used, is_user_freshly_active, is_suspended
SELECT
    k.id,
    k.family_id,
    k.secret_hash,
    k.scopes,
    k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AS is_valid,
    extract(EPOCH FROM k.expires_at - now())::double precision AS seconds_left,
    t.suspended_at IS NOT NULL AS is_suspended,
    coalesce(k.last_used_at > now() - interval '1 minute', false) AS is_freshly_used,
    u.id AS user_id,
    u.role AS user_role,
    coalesce(u.last_active_at > now() - interval '1 minute', false) AS is_user_freshly_active
FROM identity.api_keys AS k
INNER JOIN identity.tenants AS t ON t.id = :tenant_id
LEFT OUTER JOIN identity.users AS u
    ON u.tenant_id = :tenant_id
    AND u.id = CASE
        WHEN :acting_user_id::uuid IS NOT NULL THEN :acting_user_id::uuid
        ELSE (
            SELECT named.id
            FROM identity.users AS named
            WHERE named.tenant_id = :tenant_id
                AND named.email = lower(:acting_user_email)
        )
    END
    AND u.disabled_at IS NULL
WHERE k.tenant_id = :tenant_id
    AND k.prefix = :prefix;
