INSERT INTO drafts.scheduled_replies (
    tenant_id, conversation_id, draft_id, status, final_text, final_html, scheduled_for
)
VALUES ($1, $2, $3, 'scheduled', $4, $5, now())
RETURNING
    id, conversation_id, tweet_id, draft_id, status, final_text, final_html, scheduled_for, attempts, max_attempts, locked_by, hold_reason,
    lease_expires_at, error, external_id, message_id, sent_at, created_at, updated_at, redacted_at, revision
