SELECT
    t.id, t.external_id, t.author_handle, t.text_preview, t.created_at, t.relevance_score, t.status, t.flags,
    EXISTS (
        SELECT FROM draft_replies AS d
        WHERE d.tweet_id = t.id AND d.status IN ('pending', 'approved')
    ) AS has_draft
FROM tweets AS t
WHERE t.status = $1 AND t.created_at < $2
ORDER BY t.created_at DESC
LIMIT $3
