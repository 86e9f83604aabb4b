-- name: tweets.create_episode :one
-- An episode, with the steps of its ingestion in the order in which they are named.
-- row: episode, and more
-- param: tenant_id      uuid             = '00000000-0000-7000-8000-000000000001'
-- param: title          text             = 'How it ships'
-- param: raw_transcript text NULL        = NULL
-- param: transcript_url text NULL        = 'https://example.com/episode.txt'
-- param: published_at   timestamptz NULL = NULL
-- param: created_by_id  uuid NULL        = '00000000-0000-7000-8000-000000000002'
-- param: steps          text[]           = '{chunking,embedding,summary,keywords}'
-- not null: has_transcript, steps
WITH episode AS (
    INSERT INTO tweets.episodes AS e (
        tenant_id, title, raw_transcript, transcript_url, published_at, created_by_id
    )
    VALUES (:tenant_id, :title, :raw_transcript, :transcript_url, :published_at, :created_by_id)
    RETURNING
        e.id,
        e.title,
        e.raw_transcript IS NOT NULL AS has_transcript,
        e.transcript_url,
        e.published_at,
        e.created_by_id,
        e.summary_text,
        e.keywords,
        e.created_at,
        e.updated_at,
        e.revision
),

step AS (
    INSERT INTO tweets.ingestion_steps AS s (tenant_id, episode_id, name, position)
    SELECT
        :tenant_id,
        episode.id AS episode_id,
        named.name,
        named.position
    FROM episode
    CROSS JOIN LATERAL unnest(:steps::text []) WITH ORDINALITY AS named (name, position)
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
    episode.id,
    episode.title,
    episode.has_transcript,
    episode.transcript_url,
    episode.published_at,
    episode.created_by_id,
    episode.summary_text,
    episode.keywords,
    episode.created_at,
    episode.updated_at,
    episode.revision,
    (SELECT coalesce(json_agg(step ORDER BY step.position), '[]') FROM step) AS steps
FROM episode;
