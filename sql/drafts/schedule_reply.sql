-- name: drafts.schedule_reply :maybe
-- A person sends a reply out now, at a time, or holds it back: one that is held, scheduled, or has failed.
-- No row for any other, or when the revision is another.
-- row: scheduled_reply
-- param: tenant_id     uuid             = '00000000-0000-7000-8000-000000000001'
-- param: id            uuid             = '00000000-0000-7000-8000-000000000008'
-- param: revision      bigint NULL      = NULL
-- param: status        text             = 'scheduled'
-- param: scheduled_for timestamptz NULL = NULL
WITH wanted AS (
    SELECT CASE :status WHEN 'scheduled' THEN coalesce(:scheduled_for, now()) END AS scheduled_for
)

UPDATE drafts.scheduled_replies AS r
SET
    status = :status,
    scheduled_for = wanted.scheduled_for,
    attempts = 0,
    error = NULL
FROM wanted
WHERE r.tenant_id = :tenant_id
    AND r.id = :id
    AND r.status IN ('held', 'scheduled', 'failed')
    AND (:revision::bigint IS NULL OR r.revision = :revision)
RETURNING
    r.id,
    r.conversation_id,
    r.tweet_id,
    r.draft_id,
    r.status,
    r.final_text,
    r.final_html,
    r.scheduled_for,
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
