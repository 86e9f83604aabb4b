-- name: drafts.archive_draft :maybe
-- Puts a draft away that nothing can happen to any more: rejected, superseded, sent, or approved with its
-- reply cancelled. No row otherwise, or when the revision is another. Index: scheduled_replies_draft_key.
-- row: draft_decision
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000007'
-- param: revision  bigint NULL = NULL
-- param: user_id   uuid        = '00000000-0000-7000-8000-000000000002'
-- param: reason    text NULL   = NULL
-- not null: action, warnings
WITH archived AS (
    UPDATE drafts.drafts AS d
    SET status = 'archived'
    WHERE d.tenant_id = :tenant_id
        AND d.id = :id
        AND (:revision::bigint IS NULL OR d.revision = :revision)
        AND (
            d.status IN ('rejected', 'superseded', 'sent')
            OR (
                d.status = 'approved'
                AND EXISTS (
                    SELECT 1
                    FROM drafts.scheduled_replies AS r
                    WHERE r.tenant_id = :tenant_id
                        AND r.draft_id = :id
                        AND r.status = 'cancelled'
                )
            )
        )
    RETURNING
        d.id,
        d.conversation_id,
        d.tweet_id,
        d.version,
        d.status,
        d.revision
),

action AS (
    INSERT INTO drafts.draft_actions AS a (tenant_id, draft_id, user_id, type, reason)
    SELECT
        :tenant_id,
        archived.id,
        :user_id,
        'archive',
        :reason
    FROM archived
    RETURNING
        a.id,
        a.draft_id,
        a.user_id,
        a.type,
        a.reason,
        a.final_text,
        a.final_html,
        a.diff,
        a.edit_distance,
        a.created_at,
        a.redacted_at
)

SELECT
    archived.id,
    archived.conversation_id,
    archived.tweet_id,
    archived.version,
    archived.status,
    archived.revision,
    row_to_json(action) AS action,
    NULL::json AS scheduled_reply,
    NULL::uuid AS learning_sample_id,
    '[]'::jsonb AS warnings
FROM archived
INNER JOIN action ON action.draft_id = archived.id;
