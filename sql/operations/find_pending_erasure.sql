-- name: operations.find_pending_erasure :maybe
-- The erasure of a person that is not done, if there is one.
-- Index: erasures_pending.
-- single: the index is unique
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: person    text = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'
SELECT e.id
FROM operations.erasures AS e
WHERE e.tenant_id = :tenant_id
    AND e.person = :person
    AND NOT e.dry_run
    AND e.finished_at IS NULL;
