-- name: operations.list_unread_notifications :page
-- Of the notifications for a user, or for everyone, those that the user has not read, newest first, without muted
-- types. Unread are only the newest 500 of each type and either kind: however many were read, no more are looked at,
-- each by its key.
-- Index: notifications_type, and the primary key of notification_reads.
-- row: notification
-- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid NULL = '00000000-0000-7000-8000-000000000002'
-- param: types     text[]    = '{draft_ready,job_failed,custom}'
-- param: after_id  uuid      = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int       = 30
WITH wanted AS (
    SELECT given.type
    FROM unnest(:types::text []) AS given (type)
    WHERE given.type <> all(
            coalesce(
                (
                    SELECT p.muted
                    FROM operations.notification_preferences AS p
                    WHERE p.tenant_id = :tenant_id
                        AND p.user_id = :user_id
                ),
                '{}'
            )
        )
),

found AS (
    SELECT n.id
    FROM wanted
    CROSS JOIN
        LATERAL (
            (
                SELECT e.id
                FROM operations.notifications AS e
                WHERE e.tenant_id = :tenant_id
                    AND e.user_id IS NULL
                    AND e.type = wanted.type
                ORDER BY e.user_id DESC, e.id DESC
                LIMIT 500
            )
            UNION ALL
            (
                SELECT o.id
                FROM operations.notifications AS o
                WHERE o.tenant_id = :tenant_id
                    AND o.user_id = :user_id
                    AND o.type = wanted.type
                ORDER BY o.user_id DESC, o.id DESC
                LIMIT 500
            )
        ) AS n
    WHERE n.id < :after_id
        AND (
            SELECT r.read_at
            FROM operations.notification_reads AS r
            WHERE r.tenant_id = :tenant_id
                AND r.notification_id = n.id
                AND r.user_id = :user_id
        ) IS NULL
    ORDER BY n.id DESC
    LIMIT :limit + 1
)

SELECT
    n.id,
    n.user_id,
    n.type,
    n.payload,
    NULL::timestamptz AS read_at,
    n.created_at
FROM found
INNER JOIN operations.notifications AS n
    ON n.tenant_id = :tenant_id
    AND n.id = found.id
WHERE n.id < :after_id
ORDER BY n.id DESC
LIMIT :limit + 1;
