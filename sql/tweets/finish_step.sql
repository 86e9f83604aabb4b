-- name: tweets.finish_step :maybe
-- A step succeeded, or failed with an error; no row when it is not running, or the revision is another.
-- Index: ingestion_steps_name_key.
-- row: episode_step
-- param: tenant_id  uuid        = '00000000-0000-7000-8000-000000000001'
-- param: episode_id uuid        = '00000000-0000-7000-8000-000000000012'
-- param: name       text        = 'summary'
-- param: status     text        = 'success'
-- param: error      text NULL   = NULL
-- param: revision   bigint NULL = NULL
UPDATE tweets.ingestion_steps AS s
SET
    status = :status,
    finished_at = now(),
    error = :error
WHERE s.tenant_id = :tenant_id
    AND s.episode_id = :episode_id
    AND s.name = :name
    AND s.status = 'running'
    AND (:revision::bigint IS NULL OR s.revision = :revision)
RETURNING
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
    s.revision;
