-- name: tweets.get_step :one
-- A step of an episode's ingestion, by its name.
-- Index: ingestion_steps_name_key.
-- row: episode_step, the original
-- param: tenant_id  uuid = '00000000-0000-7000-8000-000000000001'
-- param: episode_id uuid = '00000000-0000-7000-8000-000000000012'
-- param: name       text = 'summary'
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
    AND s.episode_id = :episode_id
    AND s.name = :name;
