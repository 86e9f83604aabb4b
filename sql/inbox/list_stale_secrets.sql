-- name: inbox.list_stale_secrets :many
-- Channels whose signing secret is encrypted under another key than the present one, some of them in the order of the
-- primary key: the secret begins with the id of its key.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: key_id    bytea = '\x0011223344556677'
-- param: after     jsonb = '{"id": "00000000-0000-0000-0000-000000000000"}'
-- param: limit     int   = 100
-- not null: signing_secret
SELECT
    c.id,
    c.signing_secret
FROM inbox.channels AS c
WHERE c.tenant_id = :tenant_id
    AND c.id > (:after::jsonb ->> 'id')::uuid
    AND substring(c.signing_secret FROM 1 FOR 8) <> :key_id
ORDER BY c.id
LIMIT :limit;
