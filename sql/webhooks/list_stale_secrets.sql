-- name: webhooks.list_stale_secrets :many
-- Webhook endpoints with a secret that is encrypted under another key than the present one, some of them in the order
-- of the primary key: a secret begins with the id of its key.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: key_id    bytea = '\x0011223344556677'
-- param: after     jsonb = '{"id": "00000000-0000-0000-0000-000000000000"}'
-- param: limit     int   = 100
SELECT
    e.id,
    e.secret,
    e.previous_secret
FROM webhooks.endpoints AS e
WHERE e.tenant_id = :tenant_id
    AND e.id > (:after::jsonb ->> 'id')::uuid
    AND (
        substring(e.secret FROM 1 FOR 8) <> :key_id
        OR substring(e.previous_secret FROM 1 FOR 8) <> :key_id
    )
ORDER BY e.id
LIMIT :limit;
