-- name: identity.get_api_key :one
-- One API key; never its hash.
-- row: api_key, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000003'
SELECT
    k.id,
    k.name,
    k.prefix,
    k.scopes,
    k.expires_at,
    k.revoked_at,
    k.last_used_at,
    k.created_at
FROM identity.api_keys AS k
WHERE k.tenant_id = :tenant_id
    AND k.id = :id;
