UPDATE drafts.drafts
SET status = 'approved'
WHERE tenant_id = $1 AND id = $2 AND status = 'pending'
RETURNING id, conversation_id, tweet_id, version, status, revision
