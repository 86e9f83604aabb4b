-- name: tweets.list_tweets_oldest_first :page
-- Tweets, oldest first.
-- Index: the primary key.
-- row: tweet_item
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = '00000000-0000-0000-0000-000000000000'
-- param: limit     int  = 30
SELECT
    t.id,
    t.external_id,
    t.author_handle,
    t.text_preview,
    t.created_at,
    t.relevance_score,
    t.status,
    t.has_draft,
    t.flags
FROM tweets.tweets AS t
WHERE t.tenant_id = :tenant_id
    AND t.id > :after_id
ORDER BY t.id
LIMIT :limit + 1;
