-- name: studio.tell_overdue_posts :exec
-- A notification, once, for each post that no worker has claimed within 15 minutes after it was due. Runs after every
-- claim, and in the task social-posts. Index: social_posts_due.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
WITH overdue AS (
    SELECT p.id
    FROM studio.social_posts AS p
    WHERE p.tenant_id = :tenant_id
        AND p.status = 'scheduled'
        AND p.scheduled_for < now() - interval '15 minutes'
        AND p.overdue_told_at IS NULL
    ORDER BY p.scheduled_for, p.id
    LIMIT 100
    FOR NO KEY UPDATE SKIP LOCKED
),

told AS (
    UPDATE studio.social_posts AS p
    SET overdue_told_at = now()
    WHERE p.tenant_id = :tenant_id
        AND p.id = any(array(SELECT overdue.id FROM overdue))
    RETURNING p.id
)

INSERT INTO operations.notifications (tenant_id, type, payload)
SELECT
    :tenant_id,
    'post_overdue',
    jsonb_build_object('social_post_id', told.id)
FROM told
ON CONFLICT DO NOTHING;
