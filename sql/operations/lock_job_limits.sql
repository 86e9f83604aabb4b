-- name: operations.lock_job_limits :exec
-- Keeps others from claiming jobs of a type of which only so many may run, until the transaction ends. A statement of
-- its own, sent before the claim: what others claimed while it waited must be visible to that one. Where there is no
-- such limit it locks nothing. The WHERE spares a known row the update; PostgreSQL locks it all the same.
-- scan: operations.job_types: it has a few rows
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: type      text = 'draft'
INSERT INTO operations.job_limits AS l (tenant_id, type)
SELECT
    :tenant_id,
    t.type
FROM operations.job_types AS t
WHERE t.type = :type
    AND (
        t.concurrency IS NOT NULL
        OR EXISTS (
            SELECT 1
            FROM operations.job_limits AS known
            WHERE known.tenant_id = :tenant_id
                AND known.type = :type
                AND known.concurrency IS NOT NULL
        )
    )
ON CONFLICT (tenant_id, type) DO UPDATE
    SET paused = l.paused
    WHERE false;
