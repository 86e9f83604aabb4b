-- name: operations.make_job_limits :exec
-- Makes and locks the row for operations.set_job_limits, if there is such a type.
-- scan: operations.job_types: it has a few rows
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: type      text = 'draft'
INSERT INTO operations.job_limits AS l (tenant_id, type)
SELECT
    :tenant_id,
    t.type
FROM operations.job_types AS t
WHERE t.type = :type
ON CONFLICT (tenant_id, type) DO UPDATE
    SET paused = l.paused
    WHERE false;
