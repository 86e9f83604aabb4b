-- name: tweets.list_tweets_by_status_oldest_first :page
-- Tweets with one of the statuses, oldest first. Each status, which is named once, brings at most a page in the order
-- of its index, before they are merged.
-- Index: tweets_status.
-- row: tweet_item
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: status    text[] = '{relevant,drafted}'
-- param: after_id  uuid   = '00000000-0000-0000-0000-000000000000'
-- param: limit     int    = 30
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
FROM (SELECT unnest(:status::text []) AS status) AS wanted
INNER JOIN LATERAL (
    SELECT
        found.id,
        found.external_id,
        found.author_handle,
        found.text_preview,
        found.created_at,
        found.relevance_score,
        found.status,
        found.has_draft,
        found.flags
    FROM tweets.tweets AS found
    WHERE found.tenant_id = :tenant_id
        AND found.status = wanted.status
        AND found.id > :after_id
    ORDER BY found.id
    LIMIT :limit + 1
) AS t ON true
WHERE t.id > :after_id
ORDER BY t.id
LIMIT :limit + 1;
