-- name: operations.list_job_attempts :page
-- Why each attempt at a job came to nothing, the latest first. Index: job_attempts_job.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: job_id    uuid = '00000000-0000-7000-8000-00000000000a'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    a.id,
    a.attempt,
    a.worker,
    a.error,
    a.started_at,
    a.finished_at
FROM operations.job_attempts AS a
WHERE a.tenant_id = :tenant_id
    AND a.job_id = :job_id
    AND a.id < :after_id
ORDER BY a.id DESC
LIMIT :limit + 1;
