-- name: operations.stored_answer :one
-- The answer that was given to the first request with this key.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: caller    text = 'family:00000000-0000-7000-8000-000000000003'
-- param: key       text = '7d3f'
-- not null: status
SELECT
    k.request_hash,
    k.status,
    k.headers,
    k.body
FROM operations.idempotency_keys AS k
WHERE k.tenant_id = :tenant_id
    AND k.caller = :caller
    AND k.key = :key;
