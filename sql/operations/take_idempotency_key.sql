-- name: operations.take_idempotency_key :rowcount
-- Takes the key for this transaction; no row when it was used within the last 24 hours.
-- Waits for a transaction that is just using it. An expired key is taken over.
-- param: tenant_id    uuid  = '00000000-0000-7000-8000-000000000001'
-- param: caller       text  = 'family:00000000-0000-7000-8000-000000000003'
-- param: key          text  = '7d3f'
-- param: request_hash bytea = '\x00'
INSERT INTO operations.idempotency_keys (tenant_id, caller, key, request_hash, expires_at)
VALUES (:tenant_id, :caller, :key, :request_hash, now() + interval '24 hours')
ON CONFLICT (tenant_id, caller, key) DO UPDATE
    SET
        request_hash = excluded.request_hash,
        status = NULL,
        headers = NULL,
        body = NULL,
        created_at = excluded.created_at,
        expires_at = excluded.expires_at
    WHERE idempotency_keys.expires_at <= excluded.created_at;
