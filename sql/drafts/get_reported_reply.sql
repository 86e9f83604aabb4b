-- name: drafts.get_reported_reply :maybe
-- The reply as a report under this lease left it, for a worker that reports again because it did not get the answer. A
-- confirmation is the same only with the same external id.
-- row: scheduled_reply
-- param: tenant_id   uuid      = '00000000-0000-7000-8000-000000000001'
-- param: id          uuid      = '00000000-0000-7000-8000-000000000008'
-- param: lease_id    uuid      = '00000000-0000-7000-8000-000000000009'
-- param: statuses    text[]    = '{sent}'
-- param: external_id text NULL = 'OUT-1'
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
    AND r.id = :id
    AND r.status = any(:statuses)
    AND r.lease_id = :lease_id
    AND (:external_id::text IS NULL OR r.external_id = :external_id);
