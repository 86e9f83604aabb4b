-- name: replies.get_tweet_thread :one
-- A tweet for who decides on it: with the tweet that it answers, if that one was found, and the first hundred that
-- answer it, oldest first. A thread is held together by external ids, so it does not matter which tweet came first.
-- Indexes: tweets_external_id_key, tweets_thread.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000014'
-- not null: thread_children, more_children
WITH tweet AS (
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
    FROM replies.tweets AS t
    WHERE t.tenant_id = :tenant_id
        AND t.id = :id
),

child AS (
    SELECT
        c.id,
        c.external_id,
        c.author_handle,
        c.full_text,
        c.created_at,
        row_number() OVER (ORDER BY c.created_at, c.id) AS n
    FROM replies.tweets AS c
    WHERE c.tenant_id = :tenant_id
        -- As one value, so that they come in the order of the index, and no more than are shown.
        AND c.in_reply_to_external_id = (SELECT tweet.external_id FROM tweet)
    ORDER BY c.created_at, c.id
    LIMIT 101
),

thread AS (
    SELECT
        coalesce(
            json_agg(
                json_build_object(
                    'id', child.id,
                    'external_id', child.external_id,
                    'author_handle', child.author_handle,
                    'full_text', child.full_text,
                    'created_at', child.created_at
                )
                ORDER BY child.n
            ) FILTER (WHERE child.n <= 100),
            '[]'
        ) AS thread_children,
        count(*) > 100 AS more_children
    FROM child
)

SELECT
    tweet.id,
    tweet.external_id,
    tweet.author_handle,
    tweet.full_text,
    tweet.text_preview,
    tweet.posted_at,
    tweet.status,
    tweet.relevance_score,
    tweet.model_key,
    tweet.flags,
    tweet.in_reply_to_external_id,
    tweet.episode_id,
    tweet.created_at,
    tweet.updated_at,
    tweet.revision,
    parent.id AS in_reply_to_id,
    thread.thread_children,
    thread.more_children
FROM tweet
CROSS JOIN thread
LEFT OUTER JOIN replies.tweets AS parent
    ON parent.tenant_id = :tenant_id
    AND parent.external_id = tweet.in_reply_to_external_id;
