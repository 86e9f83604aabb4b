-- name: operations.count_unread_notifications :one
-- How many notifications a user has not read, of those that list_unread_notifications lists; counts to 100 at most.
-- Index: notifications_type, and the primary key of notification_reads.
-- not null: unread, has_more
-- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid NULL = '00000000-0000-7000-8000-000000000002'
-- param: types     text[]    = '{draft_ready,job_failed,custom}'
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
    WHERE (
        SELECT r.read_at
        FROM operations.notification_reads AS r
        WHERE r.tenant_id = :tenant_id
            AND r.notification_id = n.id
            AND r.user_id = :user_id
    ) IS NULL
    ORDER BY n.id DESC
    LIMIT 101
)

SELECT
    least(count(*), 100) AS unread,
    count(*) > 100 AS has_more
FROM found;
