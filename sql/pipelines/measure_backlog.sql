-- name: pipelines.measure_backlog :many
-- What waits in a tenant, counted up to a maximum, and since when the oldest does: pipeline runs that are due, that a
-- worker has, whose leases ran out. After enter_for_all_users. Indexes: runs_due, runs_leased.
-- scan: pipelines.runs: only what waits, by a partial index, up to the maximum
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: most      int  = 10000
-- not null: kind, state, total
WITH due AS (
    SELECT r.due_at
    FROM pipelines.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'pending'
        AND r.due_at <= now()
    ORDER BY r.due_at, r.id
    LIMIT :most
),

leased AS (
    SELECT r.lease_expires_at
    FROM pipelines.runs AS r
    WHERE r.tenant_id = :tenant_id
        AND r.status = 'running'
    ORDER BY r.lease_expires_at
    LIMIT :most
)

SELECT
    'pipeline_runs' AS kind,
    'due' AS state,
    count(*) AS total,
    min(due.due_at) AS oldest_at
FROM due
UNION ALL
SELECT
    'pipeline_runs' AS kind,
    'running' AS state,
    count(*) AS total,
    NULL::timestamptz AS oldest_at
FROM leased
UNION ALL
SELECT
    'pipeline_runs' AS kind,
    'expired' AS state,
    count(*) AS total,
    min(leased.lease_expires_at) AS oldest_at
FROM leased
WHERE leased.lease_expires_at <= now();
