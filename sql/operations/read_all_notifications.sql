-- name: operations.read_all_notifications :one
-- Marks what list_unread_notifications lists as read for the user, the newest first: up to a notification if one is
-- named, and so many at most.
-- Index: notifications_type, and the primary key of notification_reads.
-- not null: read, has_more
-- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid      = '00000000-0000-7000-8000-000000000002'
-- param: types     text[]    = '{draft_ready,job_failed,custom}'
-- param: up_to     uuid NULL = NULL
-- param: limit     int       = 1000
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

marked AS (
    INSERT INTO operations.notification_reads AS m (tenant_id, notification_id, user_id)
    SELECT
        :tenant_id,
        n.id,
        :user_id
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
    WHERE (:up_to::uuid IS NULL OR n.id <= :up_to)
        AND (
            SELECT r.read_at
            FROM operations.notification_reads AS r
            WHERE r.tenant_id = :tenant_id
                AND r.notification_id = n.id
                AND r.user_id = :user_id
        ) IS NULL
    ORDER BY n.id DESC
    LIMIT :limit
    ON CONFLICT (tenant_id, notification_id, user_id) DO NOTHING
    RETURNING m.notification_id
)

SELECT
    count(*) AS read,
    count(*) >= :limit AS has_more
FROM marked;
