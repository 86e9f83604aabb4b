INSERT INTO draft_actions (id, draft_id, user_id, type, final_text, final_html, message_id)
VALUES ($1, $2, $3, 'approve', $4, $5, $6)
RETURNING id, draft_id, user_id, type, final_text, final_html, created_at
