-- name: inbox.timeline :page
-- What happened in a conversation, oldest first: messages, drafts, actions and deliveries.
-- Each part brings at most a page, by its own index, before they are merged.
-- Indexes: messages_conversation_sent, drafts_version_key, draft_actions_draft, scheduled_replies_conversation.
-- param: tenant_id       uuid        = '00000000-0000-7000-8000-000000000001'
-- param: conversation_id uuid        = '00000000-0000-7000-8000-000000000005'
-- param: after_at        timestamptz = '-infinity'
-- param: after_id        uuid        = '00000000-0000-0000-0000-000000000000'
-- param: limit           int         = 30
-- not null: at, id, kind, data
SELECT
    entry.at,
    entry.id,
    entry.kind,
    entry.data
FROM (
    (
        SELECT
            m.sent_at AS at,
            m.id,
            'message' AS kind,
            json_build_object(
                'direction', m.direction,
                'external_id', m.external_id,
                'subject', m.subject,
                'body_text', m.body_text,
                'body_html', m.body_html,
                'latest_version', m.latest_version
            ) AS data
        FROM inbox.messages AS m
        WHERE m.tenant_id = :tenant_id
            AND m.conversation_id = :conversation_id
            AND (m.sent_at, m.id) > (:after_at, :after_id)
        ORDER BY m.sent_at, m.id
        LIMIT :limit + 1
    )
    UNION ALL
    (
        SELECT
            d.created_at AS at,
            d.id,
            'draft' AS kind,
            json_build_object(
                'version', d.version,
                'status', d.status,
                'model_key', d.model_key,
                'prompt_version', d.prompt_version,
                'suggested_text', d.suggested_text,
                'trigger_message_id', d.trigger_message_id,
                'superseded_by_id', d.superseded_by_id,
                'superseded_reason', d.superseded_reason
            ) AS data
        FROM drafts.drafts AS d
        WHERE d.tenant_id = :tenant_id
            AND d.conversation_id = :conversation_id
            AND (d.created_at, d.id) > (:after_at, :after_id)
        ORDER BY d.created_at, d.id
        LIMIT :limit + 1
    )
    UNION ALL
    (
        SELECT
            a.created_at AS at,
            a.id,
            'action' AS kind,
            json_build_object(
                'draft_id', a.draft_id,
                'type', a.type,
                'user_id', a.user_id,
                'reason', a.reason,
                'final_text', a.final_text,
                'edit_distance', a.edit_distance
            ) AS data
        FROM drafts.draft_actions AS a
        INNER JOIN drafts.drafts AS d
            ON d.tenant_id = :tenant_id
            AND d.id = a.draft_id
        WHERE a.tenant_id = :tenant_id
            AND d.conversation_id = :conversation_id
            AND (a.created_at, a.id) > (:after_at, :after_id)
        ORDER BY a.created_at, a.id
        LIMIT :limit + 1
    )
    UNION ALL
    (
        SELECT
            r.created_at AS at,
            r.id,
            'delivery' AS kind,
            json_build_object(
                'draft_id', r.draft_id,
                'status', r.status,
                'scheduled_for', r.scheduled_for,
                'hold_reason', r.hold_reason,
                'attempts', r.attempts,
                'error', r.error,
                'external_id', r.external_id,
                'message_id', r.message_id,
                'sent_at', r.sent_at
            ) AS data
        FROM drafts.scheduled_replies AS r
        WHERE r.tenant_id = :tenant_id
            AND r.conversation_id = :conversation_id
            AND (r.created_at, r.id) > (:after_at, :after_id)
        ORDER BY r.created_at, r.id
        LIMIT :limit + 1
    )
) AS entry
ORDER BY entry.at, entry.id
LIMIT :limit + 1;
