-- name: tweets.list_tweets_of_episode :page
-- Tweets about an episode, newest first, with one of the statuses if any are named.
-- Index: tweets_episode; statuses are compared in the rows of the episode.
-- row: tweet_item
-- param: tenant_id  uuid        = '00000000-0000-7000-8000-000000000001'
-- param: episode_id uuid        = '00000000-0000-7000-8000-000000000012'
-- param: status     text[] NULL = '{relevant,drafted}'
-- param: after_id   uuid        = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit      int         = 30
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
    AND t.episode_id = :episode_id
    AND (:status::text [] IS NULL OR t.status = any(:status))
    AND t.id < :after_id
ORDER BY t.id DESC
LIMIT :limit + 1;
