-- name: operations.retry_jobs :one
-- Puts failed jobs of a type back into the queue, with all their attempts, if as many match as the caller expects; else
-- none. Of those that share a unique_key the latest, unless another job holds it. The limit is one more than may be
-- put back, to tell when there are too many. Indexes: jobs_failed, jobs_unique_key.
-- param: tenant_id uuid             = '00000000-0000-7000-8000-000000000001'
-- param: type      text             = 'crawl'
-- param: since     timestamptz NULL = NULL
-- param: until     timestamptz NULL = NULL
-- param: expected  int              = 10
-- param: limit     int              = 3001
-- not null: matches, retried
WITH matching AS (
    SELECT
        j.id,
        j.unique_key,
        j.holds_key
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND j.type = :type
        AND j.status = 'failed'
        AND j.finished_at >= coalesce(:since::timestamptz, '-infinity')
        AND j.finished_at < coalesce(:until::timestamptz, 'infinity')
    ORDER BY j.finished_at, j.id
    LIMIT :limit
    FOR UPDATE
),

ranked AS (
    SELECT
        matching.id,
        matching.unique_key,
        matching.unique_key IS NULL OR matching.holds_key AS is_free,
        row_number() OVER (PARTITION BY matching.unique_key ORDER BY matching.id DESC) AS place
    FROM matching
),

possible AS (
    SELECT ranked.id
    FROM ranked
    WHERE ranked.is_free
        OR (
            ranked.place = 1
            AND NOT EXISTS (
                SELECT 1
                FROM operations.jobs AS other
                WHERE other.tenant_id = :tenant_id
                    AND other.type = :type
                    AND other.unique_key = ranked.unique_key
                    AND other.holds_key
            )
        )
),

retried AS (
    UPDATE operations.jobs AS j
    SET
        status = 'queued',
        run_at = now(),
        attempts = 0,
        finished_at = NULL
    WHERE j.tenant_id = :tenant_id
        AND j.id = any(array(SELECT possible.id FROM possible))
        AND (SELECT count(*) FROM matching) = :expected
    RETURNING j.id
)

SELECT
    (SELECT count(*) FROM matching) AS matches,
    (SELECT count(*) FROM retried) AS retried;
