-- name: tweets.update_episode_summary :maybe
-- What the ingestion found out: of the keywords' keys those that are named are replaced, the summary stays if none is
-- given, and the embedding if an empty one is; no row when there is no such episode, or the revision is another.
-- row: episode
-- param: tenant_id         uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id                uuid        = '00000000-0000-7000-8000-000000000012'
-- param: summary_text      text NULL   = 'About shipping.'
-- param: keywords          jsonb       = '{"list": ["shipping"]}'
-- param: summary_embedding float8[]    = '{}'
-- param: revision          bigint NULL = NULL
-- not null: has_transcript
UPDATE tweets.episodes AS e
SET
    summary_text = coalesce(:summary_text, e.summary_text),
    keywords = e.keywords || :keywords,
    summary_embedding = coalesce(nullif(:summary_embedding::real [], '{}'), e.summary_embedding)
WHERE e.tenant_id = :tenant_id
    AND e.id = :id
    AND (:revision::bigint IS NULL OR e.revision = :revision)
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
    e.revision;
