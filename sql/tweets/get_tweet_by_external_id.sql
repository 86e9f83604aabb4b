-- name: tweets.get_tweet_by_external_id :one
-- A tweet by what X calls it.
-- Index: tweets_external_id_key.
-- row: tweet
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: external_id text = '1790000000000000014'
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
    AND t.external_id = :external_id;
