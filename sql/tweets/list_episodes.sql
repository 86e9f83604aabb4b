-- name: tweets.list_episodes :page
-- Episodes, newest first, without their transcripts and embeddings.
-- Index: the primary key.
-- row: episode, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
-- not null: has_transcript
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
    e.revision
FROM tweets.episodes AS e
WHERE e.tenant_id = :tenant_id
    AND e.id < :after_id
ORDER BY e.id DESC
LIMIT :limit + 1;
