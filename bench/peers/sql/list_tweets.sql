SELECT id, external_id, author_handle, text_preview, created_at, relevance_score, status, flags
FROM replies.tweets
WHERE tenant_id = $1 AND status = $2 AND (created_at, id) < ($3, $4)
ORDER BY created_at DESC, id DESC
LIMIT $5
