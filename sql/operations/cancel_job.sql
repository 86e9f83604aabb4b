-- name: operations.cancel_job :maybe
-- Takes a job out of the queue, or from its worker, whose next report finds the lease lost; no row when the job is
-- over.
-- row: job
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-00000000000a'
UPDATE operations.jobs AS j
SET
    status = 'cancelled',
    finished_at = now(),
    lease_expires_at = NULL
WHERE j.tenant_id = :tenant_id
    AND j.id = :id
    AND j.status IN ('queued', 'running')
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
