-- name: operations.lock_erasure :maybe
-- An erasure that is not done, locked until the transaction ends: two workers take its batches one after another, and
-- no row is counted twice.
-- scan: operations.erasures: only those that are to be done, by a partial index
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-00000000000a'
-- not null: email
SELECT
    e.email,
    e.counts
FROM operations.erasures AS e
WHERE e.tenant_id = :tenant_id
    AND e.id = :id
    AND e.finished_at IS NULL
FOR UPDATE;
