-- name: tweets.list_tweets :page
-- Tweets, newest first.
-- Index: the primary key.
-- row: tweet_item, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
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
    AND t.id < :after_id
ORDER BY t.id DESC
LIMIT :limit + 1;
