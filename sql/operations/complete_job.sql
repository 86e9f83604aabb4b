-- name: operations.complete_job :maybe
-- A worker has done the job; no row when its lease is lost. Without metrics those of its heartbeats stay.
-- row: job
-- param: tenant_id uuid       = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid       = '00000000-0000-7000-8000-00000000000a'
-- param: lease_id  uuid       = '00000000-0000-7000-8000-000000000009'
-- param: metrics   jsonb NULL = NULL
UPDATE operations.jobs AS j
SET
    status = 'succeeded',
    finished_at = now(),
    lease_expires_at = NULL,
    error = NULL,
    metrics = coalesce(:metrics, j.metrics)
WHERE j.tenant_id = :tenant_id
    AND j.id = :id
    AND j.lease_id = :lease_id
    AND j.lease_expires_at > now()
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
