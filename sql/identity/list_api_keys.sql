-- name: identity.list_api_keys :page
-- API keys of a tenant, newest first; never their hashes.
-- Index: the primary key.
-- row: api_key
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
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
    AND k.id < :after_id
ORDER BY k.id DESC
LIMIT :limit + 1;
