-- name: library.recount_runs :many
-- Those of some counts of runs that were wrong, with what they are now: library.recount_runs() counts. What was right
-- is not written. After library.next_run_counts, in the same transaction, which sees the rows of all users.
-- Indexes: the primary key, runs_user_status.
-- param: tenant_id    uuid   = '00000000-0000-7000-8000-000000000001'
-- param: user_ids     uuid[] = '{00000000-0000-7000-8000-000000000002}'
-- param: run_statuses text[] = '{completed}'
UPDATE library.run_counts AS c
SET counted_at = now()
WHERE c.tenant_id = :tenant_id
    AND (c.user_id, c.run_status) IN (
        SELECT
            k.user_id,
            k.run_status
        FROM unnest(:user_ids::uuid [], :run_statuses::text []) AS k (user_id, run_status)
    )
    AND (c.runs, c.runs_timed, c.run_milliseconds) <> (
        SELECT
            count(*) AS runs,
            count(r.time_elapsed) FILTER (WHERE r.status = 'completed') AS runs_timed,
            coalesce(sum(r.time_elapsed) FILTER (WHERE r.status = 'completed'), 0) AS run_milliseconds
        FROM library.runs AS r
        WHERE r.tenant_id = :tenant_id
            AND r.user_id = c.user_id
            AND r.status = c.run_status
    )
RETURNING
    c.user_id,
    c.run_status,
    c.runs AS counted_runs,
    c.runs_timed AS counted_runs_timed,
    c.run_milliseconds AS counted_run_milliseconds;
