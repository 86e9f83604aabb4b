-- name: replies.list_tweets_by_status_oldest_first :page
-- Tweets with one of the statuses, oldest first. Each status, which is named once, brings at most a page in the order
-- of its index, before they are merged. An item has what `fields` names; flags are left out where there are none.
-- Indexes: tweets_status, drafts_live_of_tweet.
-- param: tenant_id        uuid        = '00000000-0000-7000-8000-000000000001'
-- param: statuses         text[]      = '{relevant,drafted}'
-- param: fields           text[]      = '{id,author_handle,text_preview,created_at,status,flags}'
-- param: after_created_at timestamptz = '-infinity'
-- param: after_id         uuid        = '00000000-0000-0000-0000-000000000000'
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
FROM (SELECT unnest(:statuses::text []) AS status) AS wanted
INNER JOIN LATERAL (
    SELECT
        found.id,
        found.external_id,
        found.author_handle,
        found.text_preview,
        found.created_at,
        found.relevance_score,
        found.status,
        found.flags
    FROM replies.tweets AS found
    WHERE found.tenant_id = :tenant_id
        AND found.status = wanted.status
        AND (found.created_at, found.id) > (:after_created_at, :after_id)
    ORDER BY found.created_at, found.id
    LIMIT :limit + 1
) AS t ON true
WHERE (t.created_at, t.id) > (:after_created_at, :after_id)
ORDER BY t.created_at, t.id
LIMIT :limit + 1;
