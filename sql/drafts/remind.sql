-- name: drafts.remind :rowcount
-- A notification for each draft that has been waiting for 24 hours since it was made, or since people were last told: a
-- draft_reminder, another one, then draft_escalated, and no more. The draft counts them, in the same statement, so each
-- comes once however many ask at once. The longest waiting first. Index: drafts_status.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: limit     int  = 100
WITH waiting AS (
    SELECT d.id
    FROM drafts.drafts AS d
    WHERE d.tenant_id = :tenant_id
        AND d.status = 'pending'
        AND d.reminders < 3
        AND d.created_at <= now() - interval '24 hours'
        AND (d.reminded_at IS NULL OR d.reminded_at <= now() - interval '24 hours')
    ORDER BY d.id
    LIMIT :limit
    FOR NO KEY UPDATE SKIP LOCKED
),

reminded AS (
    UPDATE drafts.drafts AS d
    SET
        reminders = d.reminders + 1,
        reminded_at = now()
    WHERE d.tenant_id = :tenant_id
        AND d.id = any(array(SELECT waiting.id FROM waiting))
    RETURNING
        d.id,
        d.conversation_id,
        d.tweet_id,
        d.reminders
)

INSERT INTO operations.notifications (tenant_id, type, payload)
SELECT
    :tenant_id,
    CASE WHEN reminded.reminders < 3 THEN 'draft_reminder' ELSE 'draft_escalated' END,
    jsonb_strip_nulls(
        jsonb_build_object(
            'draft_id', reminded.id,
            'conversation_id', reminded.conversation_id,
            'tweet_id', reminded.tweet_id
        )
    )
FROM reminded
ON CONFLICT DO NOTHING;
