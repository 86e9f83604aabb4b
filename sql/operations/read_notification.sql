-- name: operations.read_notification :maybe
-- Marks a notification as read for the user; no row when it is read, or is for somebody else.
-- single: by its id
-- row: notification
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-00000000000b'
-- param: user_id   uuid = '00000000-0000-7000-8000-000000000002'
WITH marked AS (
    INSERT INTO operations.notification_reads AS r (tenant_id, notification_id, user_id)
    SELECT
        :tenant_id,
        n.id,
        :user_id
    FROM operations.notifications AS n
    WHERE n.tenant_id = :tenant_id
        AND n.id = :id
        AND (n.user_id IS NULL OR n.user_id = :user_id)
    ON CONFLICT (tenant_id, notification_id, user_id) DO NOTHING
    RETURNING
        r.notification_id,
        r.read_at
)

SELECT
    n.id,
    n.user_id,
    n.type,
    n.payload,
    (SELECT marked.read_at FROM marked) AS read_at,
    n.created_at
FROM operations.notifications AS n
WHERE n.tenant_id = :tenant_id
    AND n.id = (SELECT marked.notification_id FROM marked);
