-- name: drafts.schedule_reply :maybe
-- A person sends a reply out now, at a time, or holds it back: one that is held, scheduled, or has failed.
-- No row for any other, when the revision is another, or a message came that the person has not seen. To a closed
-- conversation it goes with the word for that only: the trigger drafts.require_kept_conversation().
-- row: scheduled_reply
-- param: tenant_id       uuid             = '00000000-0000-7000-8000-000000000001'
-- param: id              uuid             = '00000000-0000-7000-8000-000000000008'
-- param: revision        bigint NULL      = NULL
-- param: status          text             = 'scheduled'
-- param: scheduled_for   timestamptz NULL = NULL
-- param: confirm_closed  boolean          = false
-- param: seen_message_id uuid NULL        = NULL
-- not null: id, draft_id, status, attempts, max_attempts, created_at, updated_at, revision
WITH conversation AS (
    -- First, as whoever adds a message does. One that came while this waited is seen.
    SELECT c.last_message_id
    FROM inbox.conversations AS c
    INNER JOIN drafts.scheduled_replies AS r
        ON r.tenant_id = :tenant_id
        AND r.conversation_id = c.id
        AND r.id = :id
    WHERE c.tenant_id = :tenant_id
    FOR SHARE OF c
),

wanted AS (
    SELECT CASE WHEN :status = 'scheduled' THEN coalesce(:scheduled_for, now()) END AS scheduled_for
)

UPDATE drafts.scheduled_replies AS r
SET
    status = :status,
    scheduled_for = wanted.scheduled_for,
    hold_reason = CASE WHEN :status = 'held' THEN r.hold_reason END,
    to_closed = :confirm_closed,
    attempts = 0,
    error = NULL
FROM wanted
LEFT OUTER JOIN conversation ON true
WHERE r.tenant_id = :tenant_id
    AND r.id = :id
    AND r.status IN ('held', 'scheduled', 'failed')
    AND (:revision::bigint IS NULL OR r.revision = :revision)
    AND (:seen_message_id::uuid IS NULL OR conversation.last_message_id = :seen_message_id)
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
