-- name: drafts.list_replies :page
-- Replies on their way out, and what became of them, newest first.
-- Index: the primary key.
-- row: scheduled_reply
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    r.id,
    r.conversation_id,
    r.tweet_id,
    r.draft_id,
    r.status,
    r.final_text,
    r.final_html,
    r.scheduled_for,
    r.hold_reason,
    r.attempts,
    r.max_attempts,
    r.locked_by,
    r.lease_expires_at,
    r.error,
    r.external_id,
    r.message_id,
    r.sent_at,
    r.created_at,
    r.updated_at,
    r.redacted_at,
    r.revision
FROM drafts.scheduled_replies AS r
WHERE r.tenant_id = :tenant_id
    AND r.id < :after_id
ORDER BY r.id DESC
LIMIT :limit + 1;
