-- name: operations.enqueue_job :one
-- A job for the workers. More than may wait is refused by operations.limit_jobs(). No row when there is no such type.
-- scan: operations.job_types: it has a few rows
-- row: job
-- param: tenant_id    uuid             = '00000000-0000-7000-8000-000000000001'
-- param: type         text             = 'crawl'
-- param: unique_key   text NULL        = NULL
-- param: unique_while text[]           = '{queued,running,succeeded,failed}'
-- param: priority     int              = 0
-- param: payload      jsonb            = '{}'
-- param: run_at       timestamptz NULL = NULL
-- param: max_attempts int NULL         = NULL
INSERT INTO operations.jobs AS j (
    tenant_id, type, unique_key, unique_while, priority, payload, run_at, max_attempts
)
SELECT
    :tenant_id,
    t.type,
    :unique_key,
    :unique_while,
    :priority,
    :payload,
    coalesce(:run_at, now()) AS run_at,
    coalesce(:max_attempts, t.max_attempts) AS max_attempts
FROM operations.job_types AS t
WHERE t.type = :type
RETURNING
    j.id,
    j.type,
    j.unique_key,
    j.unique_while,
    j.status,
    j.priority,
    j.payload,
    j.run_at,
    j.attempts,
    j.max_attempts,
    j.locked_by,
    j.lease_expires_at,
    j.started_at,
    j.times_out_at,
    j.finished_at,
    j.error,
    j.progress,
    j.metrics,
    j.created_at;
