-- name: operations.set_job_limits :maybe
-- Sets the limits of a type, whose row operations.make_job_limits has made; no row when the revision is another.
-- scan: operations.job_types: it has a few rows
-- row: job_type_settings
-- param: tenant_id          uuid        = '00000000-0000-7000-8000-000000000001'
-- param: type               text        = 'crawl'
-- param: concurrency        int NULL    = 5
-- param: queue_length       int NULL    = 20
-- param: time_limit_seconds int NULL    = 1800
-- param: paused             boolean     = false
-- param: revision           bigint NULL = NULL
-- not null: time_limit_seconds, paused, revision
WITH l AS (
    UPDATE operations.job_limits AS limits
    SET
        concurrency = :concurrency,
        queue_length = :queue_length,
        time_limit_seconds = :time_limit_seconds,
        paused = :paused
    WHERE limits.tenant_id = :tenant_id
        AND limits.type = :type
        AND (:revision::bigint IS NULL OR limits.revision = :revision)
    RETURNING
        limits.type,
        limits.concurrency,
        limits.queue_length,
        limits.time_limit_seconds,
        limits.paused,
        limits.updated_at,
        limits.revision
)

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
FROM l
INNER JOIN operations.job_types AS t ON t.type = l.type;
