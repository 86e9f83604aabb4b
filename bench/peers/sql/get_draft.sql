SELECT
    d.id, d.conversation_id, d.tweet_id, d.trigger_message_id, d.author_user_id, d.version, d.status, d.model_key,
    d.prompt_version, d.prompt_version_id, d.suggested_text, d.suggested_html, d.top_sources, d.style_score,
    d.toxicity_score, d.tokens_in, d.tokens_out, d.cost_micros, d.latency_ms, d.superseded_by_id, d.superseded_reason,
    d.created_at,
    d.updated_at, d.redacted_at, d.revision, c.last_message_id,
    a.id AS action_id, a.draft_id AS action_draft_id, a.user_id AS action_user_id, a.type AS action_type,
    a.reason AS action_reason, a.final_text AS action_final_text, a.final_html AS action_final_html,
    a.diff AS action_diff, a.edit_distance AS action_edit_distance, a.created_at AS action_created_at,
    a.redacted_at AS action_redacted_at,
    r.id AS reply_id, r.conversation_id AS reply_conversation_id, r.tweet_id AS reply_tweet_id, r.draft_id AS reply_draft_id,
    r.status AS reply_status, r.final_text AS reply_final_text, r.final_html AS reply_final_html,
    r.scheduled_for AS reply_scheduled_for, r.hold_reason AS reply_hold_reason,
    r.attempts AS reply_attempts, r.max_attempts AS reply_max_attempts,
    r.locked_by AS reply_locked_by, r.lease_expires_at AS reply_lease_expires_at, r.error AS reply_error,
    r.external_id AS reply_external_id, r.message_id AS reply_message_id, r.sent_at AS reply_sent_at,
    r.created_at AS reply_created_at, r.updated_at AS reply_updated_at, r.redacted_at AS reply_redacted_at,
    r.revision AS reply_revision
FROM drafts.drafts AS d
LEFT JOIN inbox.conversations AS c ON c.tenant_id = d.tenant_id AND c.id = d.conversation_id
LEFT JOIN drafts.draft_actions AS a ON a.tenant_id = d.tenant_id AND a.draft_id = d.id
LEFT JOIN drafts.scheduled_replies AS r ON r.tenant_id = d.tenant_id AND r.draft_id = d.id
WHERE d.tenant_id = $1 AND d.id = $2
ORDER BY a.created_at, a.id
