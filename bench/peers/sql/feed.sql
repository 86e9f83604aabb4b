SELECT
    c.id, c.channel_id, c.external_id, c.subject, c.status, c.customer_email, c.customer_name, c.last_inbound_at,
    c.last_message_id,
    m.id AS message_id, m.external_id AS message_external_id, m.subject AS message_subject,
    m.body_text AS message_body_text, m.body_html AS message_body_html, m.sent_at AS message_sent_at,
    d.id AS draft_id, d.version AS draft_version, d.status AS draft_status, d.model_key AS draft_model_key,
    d.prompt_version AS draft_prompt_version, d.prompt_version_id AS draft_prompt_version_id,
    d.suggested_text AS draft_suggested_text, d.suggested_html AS draft_suggested_html,
    d.top_sources AS draft_top_sources, d.trigger_message_id AS draft_trigger_message_id,
    d.style_score AS draft_style_score, d.toxicity_score AS draft_toxicity_score, d.created_at AS draft_created_at,
    d.revision AS draft_revision
FROM inbox.conversations AS c
LEFT JOIN LATERAL (
    SELECT id, external_id, subject, body_text, body_html, sent_at
    FROM inbox.messages
    WHERE tenant_id = $1 AND conversation_id = c.id AND direction = 'inbound'
    ORDER BY sent_at DESC, id DESC
    LIMIT 1
) AS m ON true
LEFT JOIN drafts.drafts AS d ON d.tenant_id = $1 AND d.conversation_id = c.id AND d.status = 'pending'
WHERE c.tenant_id = $1 AND c.status = 'open' AND (c.last_inbound_at, c.id) < ($2, $3)
ORDER BY c.last_inbound_at DESC, c.id DESC
LIMIT $4
