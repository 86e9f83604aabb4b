-- name: operations.get_notification :one
-- One notification, if it is for the user or for everyone; and when the user has read it.
-- row: notification, the original
-- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid      = '00000000-0000-7000-8000-00000000000b'
-- param: user_id   uuid NULL = '00000000-0000-7000-8000-000000000002'
SELECT
    n.id,
    n.user_id,
    n.type,
    n.payload,
    (
        SELECT r.read_at
        FROM operations.notification_reads AS r
        WHERE r.tenant_id = :tenant_id
            AND r.notification_id = n.id
            AND r.user_id = :user_id
    ) AS read_at,
    n.created_at
FROM operations.notifications AS n
WHERE n.tenant_id = :tenant_id
    AND n.id = :id
    AND (n.user_id IS NULL OR n.user_id = :user_id);
