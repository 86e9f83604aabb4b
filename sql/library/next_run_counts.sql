-- name: library.next_run_counts :many
-- A batch of the counts of runs, in the order of their key, for library.recount_runs in the same transaction. After
-- library.lock_run_counts: nobody counts runs meanwhile. Index: the primary key.
-- param: tenant_id    uuid    = '00000000-0000-7000-8000-000000000001'
-- param: after_user   uuid    = '00000000-0000-0000-0000-000000000000'
-- param: after_status text    = ''
-- param: limit        integer = '1000'
SELECT
    c.user_id,
    c.run_status,
    c.runs,
    c.runs_timed,
    c.run_milliseconds
FROM library.run_counts AS c
WHERE c.tenant_id = :tenant_id
    AND (c.user_id, c.run_status) > (:after_user, :after_status)
ORDER BY c.user_id, c.run_status
LIMIT :limit;
