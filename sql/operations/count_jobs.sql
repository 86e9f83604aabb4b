-- name: operations.count_jobs :many
-- How many jobs there are of each type and status, counted up to a maximum, and since when the oldest has been there.
-- Index: jobs_type_status.
-- scan: operations.job_types: it has a few rows
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: most      int  = 10000
-- not null: status, jobs, oldest_seconds
SELECT
    t.type,
    s.status,
    cardinality(array(
        SELECT j.id
        FROM operations.jobs AS j
        WHERE j.tenant_id = :tenant_id
            AND j.type = t.type
            AND j.status = s.status
        ORDER BY j.id
        LIMIT :most
    )) AS jobs,
    oldest.created_at AS oldest_at,
    greatest(extract(EPOCH FROM now() - oldest.created_at), 0)::float8 AS oldest_seconds
FROM operations.job_types AS t
CROSS JOIN unnest(ARRAY['queued', 'running', 'succeeded', 'failed', 'cancelled']) AS s (status)
CROSS JOIN
    LATERAL (
        SELECT j.created_at
        FROM operations.jobs AS j
        WHERE j.tenant_id = :tenant_id
            AND j.type = t.type
            AND j.status = s.status
        ORDER BY j.id
        LIMIT 1
    ) AS oldest
ORDER BY t.type, s.status;
