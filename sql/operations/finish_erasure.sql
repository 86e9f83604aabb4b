-- name: operations.finish_erasure :rowcount
-- Notes that an erasure is done, and forgets the address; a dry run brings its counts along.
-- scan: operations.erasures: only those that are to be done, by a partial index
-- param: tenant_id uuid       = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid       = '00000000-0000-7000-8000-00000000000a'
-- param: counts    jsonb NULL = '{"inbox.messages": 12}'
UPDATE operations.erasures AS e
SET
    counts = coalesce(:counts, e.counts),
    email = NULL,
    finished_at = now()
WHERE e.tenant_id = :tenant_id
    AND e.id = :id
    AND e.finished_at IS NULL;
