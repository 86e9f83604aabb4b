-- name: operations.get_reported_job :maybe
-- The job as a report under this lease left it, for a worker that reports again because it did not get the answer.
-- row: job
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid   = '00000000-0000-7000-8000-00000000000a'
-- param: lease_id  uuid   = '00000000-0000-7000-8000-000000000009'
-- param: statuses  text[] = '{succeeded}'
SELECT
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
    j.created_at
FROM operations.jobs AS j
WHERE j.tenant_id = :tenant_id
    AND j.id = :id
    AND j.status = any(:statuses)
    AND j.lease_id = :lease_id;
