-- name: operations.measure_backlog :many
-- What waits in a tenant, counted up to a maximum, and since when the oldest does: jobs that are due and whose types
-- are not paused, that are running, whose leases ran out, that failed for good; events that readers of the log do not
-- get yet, because a transaction that began before them is still running. Other areas have the same of theirs.
-- Indexes: jobs_due, jobs_leased, jobs_status, events_order.
-- scan: operations.epochs: a row per restore or failover
-- scan: operations.job_limits: a row for each type at most
-- scan: operations.jobs: only what waits, by a partial index, up to the maximum
-- scan: operations.job_types: it has a few rows
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: most      int  = 10000
-- not null: kind, state, total
WITH due AS (
    SELECT j.run_at
    FROM operations.job_types AS t
    CROSS JOIN
        LATERAL (
            SELECT j.run_at
            FROM operations.jobs AS j
            WHERE j.tenant_id = :tenant_id
                AND j.type = t.type
                AND j.status = 'queued'
                AND j.run_at <= now()
            ORDER BY j.priority DESC, j.run_at ASC, j.id ASC
            LIMIT :most
        ) AS j
    WHERE t.type <> all(
            array(
                SELECT l.type
                FROM operations.job_limits AS l
                WHERE l.tenant_id = :tenant_id
                    AND l.paused
            )
        )
),

leased AS (
    SELECT j.lease_expires_at
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.status = 'running'
    ORDER BY j.lease_expires_at
    LIMIT :most
),

failed AS (
    SELECT j.id
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.status = 'failed'
    ORDER BY j.id
    LIMIT :most
),

held AS (
    SELECT e.occurred_at
    FROM operations.events AS e
    WHERE e.tenant_id = :tenant_id
        AND e.epoch = (SELECT max(present.epoch) FROM operations.epochs AS present)
        AND e.xid >= pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY e.xid, e.id
    LIMIT :most
)

SELECT
    'jobs' AS kind,
    'due' AS state,
    count(*) AS total,
    min(due.run_at) AS oldest_at
FROM due
UNION ALL
SELECT
    'jobs' AS kind,
    'running' AS state,
    count(*) AS total,
    NULL::timestamptz AS oldest_at
FROM leased
UNION ALL
SELECT
    'jobs' AS kind,
    'expired' AS state,
    count(*) AS total,
    min(leased.lease_expires_at) AS oldest_at
FROM leased
WHERE leased.lease_expires_at <= now()
UNION ALL
SELECT
    'jobs' AS kind,
    'failed' AS state,
    count(*) AS total,
    NULL::timestamptz AS oldest_at
FROM failed
UNION ALL
SELECT
    'events' AS kind,
    'held' AS state,
    count(*) AS total,
    min(held.occurred_at) AS oldest_at
FROM held;
