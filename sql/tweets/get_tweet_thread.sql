-- name: tweets.get_tweet_thread :one
-- A tweet for who decides on it: with the tweet that it answers, if that one was found, the first hundred that answer
-- it, in the order of posting, or of coming in where that is unknown, and its latest hundred drafts, oldest first, with
-- what was decided on each and what became of the reply. A thread is held together by external ids, so it does not
-- matter which tweet came first.
-- Indexes: tweets_external_id_key, tweets_thread, drafts_tweet_version_key, draft_actions_draft,
-- scheduled_replies_draft_key.
-- row: tweet, and more
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000014'
-- not null: id, external_id, author_handle, full_text, text_preview, status, created_at, updated_at, revision
-- not null: thread_children, more_children, drafts, more_drafts
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
    FROM tweets.tweets AS t
    WHERE t.tenant_id = :tenant_id
        AND t.id = :id
),

child AS (
    SELECT
        c.id,
        c.external_id,
        c.author_handle,
        c.full_text,
        c.posted_at,
        c.created_at,
        row_number() OVER (ORDER BY coalesce(c.posted_at, c.created_at), c.id) AS n
    FROM tweets.tweets AS c
    WHERE c.tenant_id = :tenant_id
        -- As one value, so that they come in the order of the index, and no more than are shown.
        AND c.in_reply_to_external_id = (SELECT tweet.external_id FROM tweet)
    ORDER BY coalesce(c.posted_at, c.created_at), c.id
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
                    'posted_at', child.posted_at,
                    'created_at', child.created_at
                )
                ORDER BY child.n
            ) FILTER (WHERE child.n <= 100),
            '[]'
        ) AS thread_children,
        count(*) > 100 AS more_children
    FROM child
),

draft AS (
    SELECT
        d.id,
        d.author_user_id,
        d.version,
        d.status,
        d.model_key,
        d.prompt_version,
        d.prompt_version_id,
        d.suggested_text,
        d.top_sources,
        d.style_score,
        d.toxicity_score,
        d.superseded_by_id,
        d.created_at,
        d.updated_at,
        d.revision,
        row_number() OVER (ORDER BY d.version DESC) AS n
    FROM drafts.drafts AS d
    WHERE d.tenant_id = :tenant_id
        AND d.tweet_id = :id
    ORDER BY d.version DESC
    LIMIT 101
),

drafted AS (
    SELECT
        coalesce(
            json_agg(
                json_build_object(
                    'id', draft.id,
                    'author_user_id', draft.author_user_id,
                    'version', draft.version,
                    'status', draft.status,
                    'model_key', draft.model_key,
                    'prompt_version', draft.prompt_version,
                    'prompt_version_id', draft.prompt_version_id,
                    'suggested_text', draft.suggested_text,
                    'top_sources', draft.top_sources,
                    'style_score', draft.style_score,
                    'toxicity_score', draft.toxicity_score,
                    'superseded_by_id', draft.superseded_by_id,
                    'created_at', draft.created_at,
                    'updated_at', draft.updated_at,
                    'revision', draft.revision,
                    'actions', coalesce(decided.actions, '[]'),
                    'scheduled_reply', delivery.reply
                )
                ORDER BY draft.version
            ) FILTER (WHERE draft.n <= 100),
            '[]'
        ) AS drafts,
        count(*) > 100 AS more_drafts
    FROM draft
    LEFT OUTER JOIN LATERAL (
        SELECT
            json_agg(
                json_build_object(
                    'id', a.id,
                    'user_id', a.user_id,
                    'type', a.type,
                    'reason', a.reason,
                    'final_text', a.final_text,
                    'diff', a.diff,
                    'edit_distance', a.edit_distance,
                    'created_at', a.created_at
                )
                ORDER BY a.created_at, a.id
            ) AS actions
        FROM drafts.draft_actions AS a
        WHERE a.tenant_id = :tenant_id
            AND a.draft_id = draft.id
    ) AS decided ON true
    LEFT OUTER JOIN LATERAL (
        SELECT
            json_build_object(
                'id', r.id,
                'status', r.status,
                'final_text', r.final_text,
                'scheduled_for', r.scheduled_for,
                'attempts', r.attempts,
                'error', r.error,
                'external_id', r.external_id,
                'sent_at', r.sent_at,
                'revision', r.revision
            ) AS reply
        FROM drafts.scheduled_replies AS r
        WHERE r.tenant_id = :tenant_id
            AND r.draft_id = draft.id
    ) AS delivery ON true
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
    thread.more_children,
    drafted.drafts,
    drafted.more_drafts
FROM tweet
CROSS JOIN thread
CROSS JOIN drafted
LEFT OUTER JOIN tweets.tweets AS parent
    ON parent.tenant_id = :tenant_id
    AND parent.external_id = tweet.in_reply_to_external_id;
