-- name: operations.put_notification_preferences :one
-- Says of what a user is not to be notified.
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid   = '00000000-0000-7000-8000-000000000002'
-- param: muted     text[] = '{draft_ready}'
INSERT INTO operations.notification_preferences AS p (tenant_id, user_id, muted)
VALUES (:tenant_id, :user_id, :muted)
ON CONFLICT (tenant_id, user_id) DO UPDATE
    SET muted = excluded.muted
RETURNING p.muted;
