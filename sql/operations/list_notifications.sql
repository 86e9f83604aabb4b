-- name: operations.list_notifications :page
-- Notifications for a user, or for everyone, newest first, but for types that the user has muted. Each of the types
-- brings at most a page of either kind, before they are merged: so what is muted, or is for others, is never read.
-- Index: notifications_type, the only one with that order, in which the user of all of them is the same.
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
                    AND e.id < :after_id
                ORDER BY e.user_id DESC, e.id DESC
                LIMIT :limit + 1
            )
            UNION ALL
            (
                SELECT o.id
                FROM operations.notifications AS o
                WHERE o.tenant_id = :tenant_id
                    AND o.user_id = :user_id
                    AND o.type = wanted.type
                    AND o.id < :after_id
                ORDER BY o.user_id DESC, o.id DESC
                LIMIT :limit + 1
            )
        ) AS n
    ORDER BY n.id DESC
    LIMIT :limit + 1
)

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
FROM found
INNER JOIN operations.notifications AS n
    ON n.tenant_id = :tenant_id
    AND n.id = found.id
WHERE n.id < :after_id
ORDER BY n.id DESC
LIMIT :limit + 1;
