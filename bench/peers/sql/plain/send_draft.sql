UPDATE drafts
SET status = 'sent', updated_at = now()
WHERE id = $1 AND status = 'pending'
RETURNING id, conversation_id, status, suggested_text, suggested_html
