-- name: library.advance_import :maybe
-- Says how far an import has come, in the transaction that writes the lines. No row if somebody else dealt with them
-- meanwhile, or it is completed: then these lines are not written again. Index: the primary key.
-- row: import
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid    = '00000000-0000-7000-8000-000000000051'
-- param: lines     bigint  = '0'
-- param: status    text    = 'running'
-- param: done      integer = '1'
-- param: skipped   integer = '0'
-- param: failed    integer = '0'
-- param: failures  jsonb   = '[]'
WITH wanted AS (
    SELECT CASE WHEN :status = 'completed' THEN now() END AS finished_at
)

UPDATE library.imports AS i
SET
    status = :status,
    lines = i.lines + :done + :skipped + :failed,
    done = i.done + :done,
    skipped = i.skipped + :skipped,
    failed = i.failed + :failed,
    failures = i.failures || :failures::jsonb,
    finished_at = wanted.finished_at
FROM wanted
WHERE i.tenant_id = :tenant_id
    AND i.id = :id
    AND i.lines = :lines
    AND i.status <> 'completed'
RETURNING
    i.id,
    i.created_by_id,
    i.status,
    i.lines,
    i.done,
    i.skipped,
    i.failed,
    i.failures,
    i.finished_at,
    i.created_at,
    i.updated_at,
    i.revision;
