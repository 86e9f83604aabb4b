-- name: identity.create_api_key :one
-- An API key for a service.
-- row: api_key
-- param: tenant_id   uuid             = '00000000-0000-7000-8000-000000000001'
-- param: name        text             = 'webhooks'
-- param: prefix      text             = '0123456789ab'
-- param: secret_hash bytea            = '\x00'
-- param: scopes      text[]           = '{intake:write}'
-- param: expires_at  timestamptz NULL = NULL
INSERT INTO identity.api_keys AS k (tenant_id, name, prefix, secret_hash, scopes, expires_at)
VALUES (:tenant_id, :name, :prefix, :secret_hash, :scopes, :expires_at)
RETURNING
    k.id,
    k.name,
    k.prefix,
    k.scopes,
    k.expires_at,
    k.revoked_at,
    k.last_used_at,
    k.created_at;
