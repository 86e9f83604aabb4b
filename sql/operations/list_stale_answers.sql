-- name: operations.list_stale_answers :many
-- Stored answers that are encrypted under another key than the present one, some of them in the order of the primary
-- key: a body begins with the id of its key.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: key_id    bytea = '\x0011223344556677'
-- param: after     jsonb = '{"caller": "", "key": ""}'
-- param: limit     int   = 100
-- not null: body
SELECT
    k.caller,
    k.key,
    k.body
FROM operations.idempotency_keys AS k
WHERE k.tenant_id = :tenant_id
    AND (k.caller, k.key) > (:after::jsonb ->> 'caller', :after::jsonb ->> 'key')
    AND substring(k.body FROM 1 FOR 8) <> :key_id
ORDER BY k.caller, k.key
LIMIT :limit;
