-- name: tweets.classify_tweet :maybe
-- The one classification of a tweet, with its score; no row when the tweet was classified, or by a person decided on,
-- already. Of two at once the second finds it no longer unclassified.
-- row: tweet
-- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid      = '00000000-0000-7000-8000-000000000014'
-- param: status    text      = 'relevant'
-- param: score     float8    = 0.87
-- param: model_key text NULL = 'classifier-2'
UPDATE tweets.tweets AS t
SET
    status = :status,
    relevance_score = :score,
    model_key = :model_key
WHERE t.tenant_id = :tenant_id
    AND t.id = :id
    AND t.status = 'unclassified'
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
