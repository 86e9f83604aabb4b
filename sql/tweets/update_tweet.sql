-- name: tweets.update_tweet :maybe
-- Changes the status, and the episode if it is to be replaced; no row when there is no such tweet, or the revision is
-- another. Which status changes are legal says operations.status_transitions.
-- row: tweet
-- param: tenant_id       uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id              uuid        = '00000000-0000-7000-8000-000000000014'
-- param: status          text NULL   = 'skipped'
-- param: replace_episode boolean     = false
-- param: episode_id      uuid NULL   = NULL
-- param: revision        bigint NULL = NULL
UPDATE tweets.tweets AS t
SET
    status = coalesce(:status, t.status),
    episode_id = CASE WHEN :replace_episode THEN :episode_id ELSE t.episode_id END
WHERE t.tenant_id = :tenant_id
    AND t.id = :id
    AND (:revision::bigint IS NULL OR t.revision = :revision)
RETURNING
    t.id,
    t.external_id,
    t.author_handle,
    t.full_text,
    t.text_preview,
    t.posted_at,
    t.status,
    t.relevance_score,
    t.model_key,
    t.flags,
    t.in_reply_to_external_id,
    t.episode_id,
    t.created_at,
    t.updated_at,
    t.revision;
