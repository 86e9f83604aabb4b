-- name: operations.list_jobs_by_type :page
-- Jobs of one type, newest first.
-- Index: the primary key.
-- row: job
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: type      text = 'draft'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
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
    AND j.type = :type
    AND j.id < :after_id
ORDER BY j.id DESC
LIMIT :limit + 1;
