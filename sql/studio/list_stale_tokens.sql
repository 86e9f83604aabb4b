-- name: studio.list_stale_tokens :many
-- Accounts with a token that is encrypted under another key than the present one, some of them in the order of the
-- primary key: a token begins with the id of its key.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: key_id    bytea = '\x0011223344556677'
-- param: after     jsonb = '{"id": "00000000-0000-0000-0000-000000000000"}'
-- param: limit     int   = 100
SELECT
    a.id,
    a.access_token,
    a.refresh_token
FROM studio.social_accounts AS a
WHERE a.tenant_id = :tenant_id
    AND a.id > (:after::jsonb ->> 'id')::uuid
    AND (
        substring(a.access_token FROM 1 FOR 8) <> :key_id
        OR substring(a.refresh_token FROM 1 FOR 8) <> :key_id
    )
ORDER BY a.id
LIMIT :limit;
