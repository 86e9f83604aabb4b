-- name: drafts.get_draft :one
-- One draft, with what was decided on it and what became of the reply; and the message that came last to its
-- conversation, for a decision to say that it was seen.
-- row: draft, and more
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000007'
-- not null: actions
SELECT
    d.id,
    d.conversation_id,
    d.tweet_id,
    d.trigger_message_id,
    d.author_user_id,
    d.version,
    d.status,
    d.model_key,
    d.prompt_version,
    d.prompt_version_id,
    d.suggested_text,
    d.suggested_html,
    d.top_sources,
    d.style_score,
    d.toxicity_score,
    d.tokens_in,
    d.tokens_out,
    d.cost_micros,
    d.latency_ms,
    d.superseded_by_id,
    d.superseded_reason,
    d.created_at,
    d.updated_at,
    d.redacted_at,
    d.revision,
    c.last_message_id,
    coalesce(decided.actions, '[]') AS actions,
    delivery.reply AS scheduled_reply
FROM drafts.drafts AS d
LEFT OUTER JOIN inbox.conversations AS c
    ON c.tenant_id = :tenant_id
    AND c.id = d.conversation_id
LEFT OUTER JOIN LATERAL (
    SELECT
        json_agg(
            json_build_object(
                'id', a.id,
                'draft_id', a.draft_id,
                'user_id', a.user_id,
                'type', a.type,
                'reason', a.reason,
                'final_text', a.final_text,
                'final_html', a.final_html,
                'diff', a.diff,
                'edit_distance', a.edit_distance,
                'created_at', a.created_at,
                'redacted_at', a.redacted_at
            )
            ORDER BY a.id
        ) AS actions
    FROM drafts.draft_actions AS a
    WHERE a.tenant_id = :tenant_id
        AND a.draft_id = d.id
) AS decided ON true
LEFT OUTER JOIN LATERAL (
    SELECT
        json_build_object(
            'id', r.id,
            'conversation_id', r.conversation_id,
            'tweet_id', r.tweet_id,
            'draft_id', r.draft_id,
            'status', r.status,
            'final_text', r.final_text,
            'final_html', r.final_html,
            'scheduled_for', r.scheduled_for,
            'hold_reason', r.hold_reason,
            'attempts', r.attempts,
            'max_attempts', r.max_attempts,
            'locked_by', r.locked_by,
            'lease_expires_at', r.lease_expires_at,
            'error', r.error,
            'external_id', r.external_id,
            'message_id', r.message_id,
            'sent_at', r.sent_at,
            'created_at', r.created_at,
            'updated_at', r.updated_at,
            'redacted_at', r.redacted_at,
            'revision', r.revision
        ) AS reply
    FROM drafts.scheduled_replies AS r
    WHERE r.tenant_id = :tenant_id
        AND r.draft_id = d.id
) AS delivery ON true
WHERE d.tenant_id = :tenant_id
    AND d.id = :id;
