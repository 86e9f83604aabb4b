-- name: operations.get_job_type :one
-- A type of job, with the limits that hold for the tenant. A tenant without a row of limits has the defaults of the
-- type, the same as with the row that operations.make_job_limits would make for it.
-- scan: operations.job_types: it has a few rows
-- row: job_type_settings, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: type      text = 'draft'
-- not null: time_limit_seconds, paused, revision
SELECT
    t.type,
    t.may_enqueue,
    t.max_attempts,
    t.first_delay_seconds,
    t.longest_delay_seconds,
    coalesce(l.concurrency, t.concurrency) AS concurrency,
    coalesce(l.queue_length, t.queue_length) AS queue_length,
    coalesce(l.time_limit_seconds, t.time_limit_seconds) AS time_limit_seconds,
    coalesce(l.paused, false) AS paused,
    CASE WHEN l.revision > 1 THEN l.updated_at END AS updated_at,
    coalesce(l.revision, 1) AS revision
FROM operations.job_types AS t
LEFT OUTER JOIN operations.job_limits AS l
    ON l.tenant_id = :tenant_id
    AND l.type = t.type
WHERE t.type = :type;
