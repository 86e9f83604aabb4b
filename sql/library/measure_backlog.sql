-- name: library.measure_backlog :many
-- What waits in a tenant, counted up to a maximum, and since when the oldest does: runs of resources that are due for a
-- worker, that one has, whose leases ran out. After enter_for_all_users. Indexes: runs_due, runs_leased.
-- scan: library.runs: only what waits, by a partial index, up to the maximum
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: most      int  = 10000
-- not null: kind, state, total
WITH due AS (
    SELECT r.due_at
    FROM library.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'scheduled'
        AND r.was_run_automatically
        AND r.due_at <= now()
    ORDER BY r.due_at, r.id
    LIMIT :most
),

leased AS (
    SELECT r.lease_expires_at
    FROM library.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'in_progress'
        AND r.was_run_automatically
    ORDER BY r.lease_expires_at
    LIMIT :most
)

SELECT
    'resource_runs' AS kind,
    'due' AS state,
    count(*) AS total,
    min(due.due_at) AS oldest_at
FROM due
UNION ALL
SELECT
    'resource_runs' AS kind,
    'running' AS state,
    count(*) AS total,
    NULL::timestamptz AS oldest_at
FROM leased
UNION ALL
SELECT
    'resource_runs' AS kind,
    'expired' AS state,
    count(*) AS total,
    min(leased.lease_expires_at) AS oldest_at
FROM leased
WHERE leased.lease_expires_at <= now();
