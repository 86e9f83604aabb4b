-- name: identity.rotate_api_key :maybe
-- A new key of the same family in place of an old one, which ends after the grace period; no row when the old one has
-- ended already.
-- row: api_key
-- param: tenant_id   uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id          uuid     = '00000000-0000-7000-8000-000000000003'
-- param: grace       interval = '1 hour'
-- param: prefix      text     = 'ba9876543210'
-- param: secret_hash bytea    = '\x00'
WITH old AS (
    SELECT
        k.id,
        k.family_id,
        k.name,
        k.scopes,
        k.expires_at,
        least(k.expires_at, now() + :grace) AS ends_at
    FROM identity.api_keys AS k
    WHERE k.tenant_id = :tenant_id
        AND k.id = :id
        AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now())
    FOR UPDATE
),

ended AS (
    UPDATE identity.api_keys AS k
    SET expires_at = old.ends_at
    FROM old
    WHERE k.tenant_id = :tenant_id
        AND k.id = old.id
    RETURNING k.id
)

INSERT INTO identity.api_keys AS k (
    tenant_id, family_id, name, prefix, secret_hash, scopes, expires_at
)
SELECT
    :tenant_id,
    old.family_id,
    old.name,
    :prefix,
    :secret_hash,
    old.scopes,
    old.expires_at
FROM old
INNER JOIN ended ON ended.id = old.id
RETURNING
    k.id,
    k.name,
    k.prefix,
    k.scopes,
    k.expires_at,
    k.revoked_at,
    k.last_used_at,
    k.created_at;
