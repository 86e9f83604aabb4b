-- name: tweets.get_episode :one
-- An episode with all that is known of it, and the steps of its ingestion in order.
-- Index: ingestion_steps_position_key.
-- row: episode, and more
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000012'
-- not null: has_transcript, steps
SELECT
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
    e.revision,
    e.raw_transcript,
    to_json(e.summary_embedding) AS summary_embedding,
    coalesce(ingestion.steps, '[]') AS steps
FROM tweets.episodes AS e
LEFT OUTER JOIN LATERAL (
    SELECT
        json_agg(
            json_build_object(
                'id', s.id,
                'episode_id', s.episode_id,
                'name', s.name,
                'position', s.position,
                'status', s.status,
                'attempts', s.attempts,
                'started_at', s.started_at,
                'finished_at', s.finished_at,
                'error', s.error,
                'created_at', s.created_at,
                'updated_at', s.updated_at,
                'revision', s.revision
            )
            ORDER BY s.position
        ) AS steps
    FROM tweets.ingestion_steps AS s
    WHERE s.tenant_id = :tenant_id
        AND s.episode_id = e.id
) AS ingestion ON true
WHERE e.tenant_id = :tenant_id
    AND e.id = :id;
