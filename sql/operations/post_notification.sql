-- name: operations.post_notification :one
-- Notifies a user, or everyone.
-- row: notification
-- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid NULL = NULL
-- param: type      text      = 'custom'
-- param: payload   jsonb     = '{"title": "The import is done"}'
INSERT INTO operations.notifications AS n (tenant_id, user_id, type, payload)
VALUES (:tenant_id, :user_id, :type, :payload)
RETURNING
    n.id,
    n.user_id,
    n.type,
    n.payload,
    NULL::timestamptz AS read_at,
    n.created_at;
