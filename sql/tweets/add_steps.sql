-- name: tweets.add_steps :many
-- Adds steps to the ingestion of an episode, after those that it has; a name that it has already stays as it is. All
-- its steps, in order; none when there is no such episode. After tweets.lock_episode, in the same transaction.
-- Indexes: ingestion_steps_name_key, ingestion_steps_position_key.
-- row: episode_step
-- param: tenant_id  uuid   = '00000000-0000-7000-8000-000000000001'
-- param: episode_id uuid   = '00000000-0000-7000-8000-000000000012'
-- param: names      text[] = '{chunking,embedding,summary,keywords}'
-- not null: id, episode_id, name, position, status, attempts, created_at, updated_at, revision
WITH known AS (
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
),

added AS (
    INSERT INTO tweets.ingestion_steps AS s (tenant_id, episode_id, name, position)
    SELECT
        :tenant_id,
        e.id,
        named.name,
        (SELECT coalesce(max(known.position), 0) FROM known)
        + row_number() OVER (ORDER BY named.place)
    FROM tweets.episodes AS e
    CROSS JOIN LATERAL unnest(:names::text []) WITH ORDINALITY AS named (name, place)
    WHERE e.tenant_id = :tenant_id
        AND e.id = :episode_id
        AND NOT EXISTS (
            SELECT 1 FROM known
            WHERE known.name = named.name
        )
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
        s.revision
)

SELECT
    known.id,
    known.episode_id,
    known.name,
    known.position,
    known.status,
    known.attempts,
    known.started_at,
    known.finished_at,
    known.error,
    known.created_at,
    known.updated_at,
    known.revision
FROM known
UNION ALL
SELECT
    added.id,
    added.episode_id,
    added.name,
    added.position,
    added.status,
    added.attempts,
    added.started_at,
    added.finished_at,
    added.error,
    added.created_at,
    added.updated_at,
    added.revision
FROM added
ORDER BY position;
