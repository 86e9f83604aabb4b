-- name: identity.revoke_api_key :maybe
-- Ends an API key at once; no row when there is none, or it was revoked before.
-- row: api_key
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000003'
UPDATE identity.api_keys AS k
SET revoked_at = now()
WHERE k.tenant_id = :tenant_id
    AND k.id = :id
    AND k.revoked_at IS NULL
RETURNING
    k.id,
    k.name,
    k.prefix,
    k.scopes,
    k.expires_at,
    k.revoked_at,
    k.last_used_at,
    k.created_at;
