-- name: tweets.search_tweets :page
-- Tweets with the words of a search, newest first: "exact words", or, -without. It goes back through the tenant's
-- tweets by their ids and compares the words of each, until the page is full: a word that is rare, or nowhere, is
-- looked for in all of them. No index on the words can be used instead: the operator @@ is not leakproof, so row-level
-- security comes before it.
-- row: tweet_item
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: q         text = 'shipping'
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
    -- As one value, so that the search is parsed once and not for each row.
    AND t.search_words @@ (SELECT websearch_to_tsquery('english', :q))
    AND t.id < :after_id
ORDER BY t.id DESC
LIMIT :limit + 1;
