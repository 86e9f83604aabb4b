-- name: operations.get_pending_erasure :maybe
-- The address that an erasure is about, until it is done.
-- scan: operations.erasures: only those that are to be done, by a partial index
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-00000000000a'
-- not null: email
SELECT e.email
FROM operations.erasures AS e
WHERE e.tenant_id = :tenant_id
    AND e.id = :id
    AND e.finished_at IS NULL;
