-- name: pipelines.list_stale_secrets :many
-- The tenant's webhook, if one of its secrets is encrypted under another key than the present one: a secret begins with
-- the id of its key.
-- scan: pipelines.webhooks: a tenant has one row
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: key_id    bytea = '\x0011223344556677'
-- param: after     jsonb = '{"id": "00000000-0000-0000-0000-000000000000"}'
-- param: limit     int   = 100
SELECT
    w.id,
    w.secret,
    w.previous_secret
FROM pipelines.webhooks AS w
WHERE w.tenant_id = :tenant_id
    AND w.id > (:after::jsonb ->> 'id')::uuid
    AND (
        substring(w.secret FROM 1 FOR 8) <> :key_id
        OR substring(w.previous_secret FROM 1 FOR 8) <> :key_id
    )
ORDER BY w.id
LIMIT :limit;
