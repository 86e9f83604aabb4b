INSERT INTO drafts.draft_actions (tenant_id, draft_id, user_id, type, final_text, final_html)
VALUES ($1, $2, $3, 'approve', $4, $5)
RETURNING
    id, draft_id, user_id, type, reason, final_text, final_html, diff, edit_distance, created_at, redacted_at
