-- name: drafts.extend_reply_lease :maybe
-- A posting worker's heartbeat; no row when its lease is lost.
-- row: scheduled_reply
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid     = '00000000-0000-7000-8000-000000000008'
-- param: lease_id  uuid     = '00000000-0000-7000-8000-000000000009'
-- param: lease     interval = '60 seconds'
UPDATE drafts.scheduled_replies AS r
SET lease_expires_at = now() + :lease
WHERE r.tenant_id = :tenant_id
    AND r.id = :id
    AND r.lease_id = :lease_id
    AND r.lease_expires_at > now()
RETURNING
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
    r.revision;
