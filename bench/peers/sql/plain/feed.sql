SELECT
    c.id, c.channel_id, c.external_id, c.subject, c.status, c.customer_email, c.customer_name, c.updated_at,
    m.id AS message_id, m.external_id AS message_external_id, m.subject AS message_subject,
    m.body_text AS message_body_text, m.body_html AS message_body_html, m.sent_at AS message_sent_at,
    d.id AS draft_id, d.status AS draft_status, d.model_key AS draft_model_key,
    d.prompt_version AS draft_prompt_version, d.suggested_text AS draft_suggested_text,
    d.suggested_html AS draft_suggested_html, d.top_sources AS draft_top_sources,
    d.trigger_message_id AS draft_trigger_message_id, d.created_at AS draft_created_at
FROM (
    SELECT *
    FROM conversations
    WHERE account_id = $1 AND status = 'open' AND updated_at < $2
    ORDER BY updated_at DESC
    LIMIT $3
) AS c
LEFT JOIN LATERAL (
    SELECT id, external_id, subject, body_text, body_html, sent_at
    FROM messages
    WHERE conversation_id = c.id AND direction = 'inbound'
    ORDER BY sent_at DESC
    LIMIT 1
) AS m ON true
LEFT JOIN drafts AS d ON d.conversation_id = c.id AND d.status = 'pending'
ORDER BY c.updated_at DESC
