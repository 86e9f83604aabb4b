-- name: operations.count_erased :rowcount
-- How many rows of each table an erasure has taken so far.
-- scan: operations.erasures: only those that are to be done, by a partial index
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid  = '00000000-0000-7000-8000-00000000000a'
-- param: counts    jsonb = '{"inbox.messages": 12}'
UPDATE operations.erasures AS e
SET counts = :counts
WHERE e.tenant_id = :tenant_id
    AND e.id = :id
    AND e.finished_at IS NULL;
