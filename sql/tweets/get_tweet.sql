-- name: tweets.get_tweet :one
-- A tweet by its id, as it is after a change.
-- row: tweet, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000014'
SELECT
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
    t.revision
FROM tweets.tweets AS t
WHERE t.tenant_id = :tenant_id
    AND t.id = :id;
