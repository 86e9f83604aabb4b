-- name: replies.list_tweets_of_episode :page
-- Tweets about an episode, newest first, with one of the statuses if any are named. An item has what `fields` names;
-- flags are left out where there are none. Indexes: tweets_episode, drafts_live_of_tweet; statuses are compared in the
-- rows of the episode.
-- param: tenant_id        uuid        = '00000000-0000-7000-8000-000000000001'
-- param: episode_id       uuid        = '00000000-0000-7000-8000-000000000012'
-- param: statuses         text[] NULL = '{relevant,drafted}'
-- param: fields           text[]      = '{id,author_handle,text_preview,created_at,status,flags}'
-- param: after_created_at timestamptz = 'infinity'
-- param: after_id         uuid        = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit            int         = 30
-- not null: item
SELECT
    t.created_at,
    t.id,
    coalesce(
        (
            SELECT jsonb_object_agg(field.key, field.value)
            FROM jsonb_each(
                    jsonb_build_object(
                        'id', t.id,
                        'external_id', t.external_id,
                        'author_handle', t.author_handle,
                        'text_preview', t.text_preview,
                        'created_at', t.created_at,
                        'relevance_score', t.relevance_score,
                        'status', t.status,
                        'has_draft', CASE
                            WHEN 'has_draft' = any(:fields)
                                THEN (
                                    SELECT count(*) > 0
                                    FROM drafts.drafts AS d
                                    WHERE d.tenant_id = :tenant_id
                                        AND d.tweet_id = t.id
                                        AND d.status IN ('pending', 'approved')
                                )
                        END,
                        'flags', t.flags
                    )
                ) AS field
            WHERE field.key = any(:fields)
                AND (field.key <> 'flags' OR t.flags IS NOT NULL)
        ),
        '{}'
    )::text AS item
FROM replies.tweets AS t
WHERE t.tenant_id = :tenant_id
    AND t.episode_id = :episode_id
    AND (:statuses::text [] IS NULL OR t.status = any(:statuses))
    AND (t.created_at, t.id) < (:after_created_at, :after_id)
ORDER BY t.created_at DESC, t.id DESC
LIMIT :limit + 1;
