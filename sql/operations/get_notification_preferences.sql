-- name: operations.get_notification_preferences :one
-- Of what a user is not notified: of nothing without a row.
-- not null: muted
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid = '00000000-0000-7000-8000-000000000002'
SELECT
    coalesce(
        (
            SELECT p.muted
            FROM operations.notification_preferences AS p
            WHERE p.tenant_id = :tenant_id
                AND p.user_id = :user_id
        ),
        '{}'
    ) AS muted;
