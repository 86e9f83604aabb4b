-- name: tweets.list_stuck_steps :many
-- The steps that have been running for too long, the first that began first; at most 1000.
-- Index: ingestion_steps_unfinished.
-- row: episode_step
-- param: tenant_id        uuid = '00000000-0000-7000-8000-000000000001'
-- param: older_than_hours int  = 24
SELECT
    s.id,
    s.episode_id,
    s.name,
    s.position,
    s.status,
    s.attempts,
    s.started_at,
    s.finished_at,
    s.error,
    s.created_at,
    s.updated_at,
    s.revision
FROM tweets.ingestion_steps AS s
WHERE s.tenant_id = :tenant_id
    AND s.status = 'running'
    AND s.finished_at IS NULL
    AND s.started_at < now() - make_interval(hours => :older_than_hours)
ORDER BY s.started_at, s.id
LIMIT 1000;
