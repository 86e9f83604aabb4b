SELECT
    d.id, d.conversation_id, d.trigger_message_id, d.author_user_id, d.status, d.model_key, d.prompt_version,
    d.suggested_text, d.suggested_html, d.top_sources, d.created_at, d.updated_at,
    a.id AS action_id, a.draft_id AS action_draft_id, a.user_id AS action_user_id, a.type AS action_type,
    a.final_text AS action_final_text, a.final_html AS action_final_html, a.created_at AS action_created_at
FROM drafts AS d
LEFT JOIN draft_actions AS a ON a.draft_id = d.id
WHERE d.id = $1
ORDER BY a.created_at
