-- name: operations.enqueue_job :one
-- A job for the workers.
-- row: job
-- param: tenant_id    uuid             = '00000000-0000-7000-8000-000000000001'
-- param: type         text             = 'crawl'
-- param: unique_key   text NULL        = NULL
-- param: priority     int              = 0
-- param: payload      jsonb            = '{}'
-- param: run_at       timestamptz NULL = NULL
-- param: max_attempts int              = 5
INSERT INTO operations.jobs AS j (
    tenant_id, type, unique_key, priority, payload, run_at, max_attempts
)
VALUES (
    :tenant_id,
    :type,
    :unique_key,
    :priority,
    :payload,
    coalesce(:run_at, now()),
    :max_attempts
)
RETURNING
    j.id,
    j.type,
    j.unique_key,
    j.status,
    j.priority,
    j.payload,
    j.run_at,
    j.attempts,
    j.max_attempts,
    j.locked_by,
    j.lease_expires_at,
    j.started_at,
    j.finished_at,
    j.error,
    j.metrics,
    j.created_at;
