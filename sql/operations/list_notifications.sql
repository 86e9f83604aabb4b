-- name: operations.list_notifications :page
-- Notifications for a user, or for everyone, newest first.
-- Index: the primary key.
-- row: notification
-- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid NULL = '00000000-0000-7000-8000-000000000002'
-- param: after_id  uuid      = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int       = 30
SELECT
    n.id,
    n.user_id,
    n.type,
    n.payload,
    n.read_at,
    n.created_at
FROM operations.notifications AS n
WHERE n.tenant_id = :tenant_id
    AND (n.user_id IS NULL OR n.user_id = :user_id)
    AND n.id < :after_id
ORDER BY n.id DESC
LIMIT :limit + 1;
