-- name: operations.store_answer :rowcount
-- Keeps the answer of the request that took the key, for whoever sends it again.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: caller    text  = 'family:00000000-0000-7000-8000-000000000003'
-- param: key       text  = '7d3f'
-- param: status    int   = 201
-- param: headers   jsonb = '{}'
-- param: body      bytea = '\x00'
UPDATE operations.idempotency_keys AS k
SET
    status = :status,
    headers = :headers,
    body = :body
WHERE k.tenant_id = :tenant_id
    AND k.caller = :caller
    AND k.key = :key;
