-- name: identity.revoke_api_key :maybe
-- Ends an API key at once; no row when there is none, it was revoked before, or, unless forced, it is the last
-- credential of the tenant that can make another: no other valid key can, and no administrator can sign in.
-- row: api_key
-- scan: identity.api_keys: a tenant has few
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid    = '00000000-0000-7000-8000-000000000003'
-- param: force     boolean = false
-- param: scope     text    = 'identity:write'
UPDATE identity.api_keys AS k
SET revoked_at = now()
WHERE k.tenant_id = :tenant_id
    AND k.id = :id
    AND k.revoked_at IS NULL
    AND (
        :force::boolean
        OR NOT :scope = any(k.scopes)
        OR EXISTS (
            SELECT FROM identity.api_keys AS other
            WHERE other.tenant_id = :tenant_id
                AND other.id <> :id
                AND other.revoked_at IS NULL
                AND (other.expires_at IS NULL OR other.expires_at > now())
                AND :scope = any(other.scopes)
        )
        OR EXISTS (
            SELECT FROM identity.users AS u
            WHERE u.tenant_id = :tenant_id
                AND u.role = 'admin'
                AND u.auth_subject IS NOT NULL
                AND u.disabled_at IS NULL
        )
    )
RETURNING
    k.id,
    k.name,
    k.prefix,
    k.scopes,
    k.expires_at,
    k.revoked_at,
    k.last_used_at,
    k.created_at;
