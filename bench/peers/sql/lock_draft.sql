SELECT conversation_id, status, suggested_text, suggested_html
FROM drafts.drafts
WHERE tenant_id = $1 AND id = $2
FOR UPDATE
