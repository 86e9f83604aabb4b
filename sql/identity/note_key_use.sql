-- name: identity.note_key_use :rowcount
-- Dates the last use of an API key; the service asks once a minute at most.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000003'
UPDATE identity.api_keys AS k
SET last_used_at = now()
WHERE k.tenant_id = :tenant_id
    AND k.id = :id
    AND (k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute');
