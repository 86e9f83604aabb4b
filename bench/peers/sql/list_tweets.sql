SELECT
    t.*,
    EXISTS (
        SELECT FROM drafts.drafts AS d
        WHERE d.tenant_id = $1 AND d.tweet_id = t.id AND d.status IN ('pending', 'approved')
    ) AS has_draft
FROM (
    SELECT id, external_id, author_handle, text_preview, created_at, relevance_score, status, flags
    FROM tweets.tweets
    WHERE tenant_id = $1 AND status = $2 AND id < $3
    ORDER BY id DESC
    LIMIT $4
) AS t
ORDER BY t.id DESC
