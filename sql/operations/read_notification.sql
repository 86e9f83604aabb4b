-- name: operations.read_notification :maybe
-- Marks a notification as read; no row when it is read, or is for somebody else.
-- row: notification
-- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid      = '00000000-0000-7000-8000-00000000000b'
-- param: user_id   uuid NULL = '00000000-0000-7000-8000-000000000002'
UPDATE operations.notifications AS n
SET read_at = now()
WHERE n.tenant_id = :tenant_id
    AND n.id = :id
    AND n.read_at IS NULL
    AND (n.user_id IS NULL OR n.user_id = :user_id)
RETURNING
    n.id,
    n.user_id,
    n.type,
    n.payload,
    n.read_at,
    n.created_at;
