-- name: operations.unread_notification :maybe
-- Marks a notification as unread for the user; no row when it is unread, or is for somebody else.
-- single: by its id
-- row: notification
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-00000000000b'
-- param: user_id   uuid = '00000000-0000-7000-8000-000000000002'
WITH unmarked AS (
    DELETE FROM operations.notification_reads AS r
    WHERE r.tenant_id = :tenant_id
        AND r.notification_id = :id
        AND r.user_id = :user_id
    RETURNING r.notification_id
)

SELECT
    n.id,
    n.user_id,
    n.type,
    n.payload,
    NULL::timestamptz AS read_at,
    n.created_at
FROM operations.notifications AS n
WHERE n.tenant_id = :tenant_id
    AND n.id = (SELECT unmarked.notification_id FROM unmarked);
