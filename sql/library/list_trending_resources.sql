-- name: library.list_trending_resources :many
-- The best of the listed resources that were created today or in the days before, by score, then bookmarks, then views.
-- The best of each day are looked at, so it reads at most `limit` rows a day, however many were created.
-- Index: resources_trending.
-- row: resource
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: days      int  = 7
-- param: limit     int  = 50
WITH day AS (
    SELECT (now() AT TIME ZONE 'UTC')::date - ago.days AS date
    FROM generate_series(0, :days) AS ago (days)
)

SELECT
    r.id,
    r.public_id,
    r.resource_type,
    r.is_private,
    r.parent_id,
    r.created_by_id,
    r.owned_by_user_id,
    r.owned_by_team_id,
    r.has_complete_version,
    r.completed_at,
    r.score,
    r.bookmarks,
    r.views,
    r.is_deleted,
    r.deleted_at,
    r.deleted_by_id,
    r.created_at,
    r.updated_at,
    r.revision
FROM day
INNER JOIN LATERAL (
    SELECT
        d.id,
        d.public_id,
        d.resource_type,
        d.is_private,
        d.parent_id,
        d.created_by_id,
        d.owned_by_user_id,
        d.owned_by_team_id,
        d.has_complete_version,
        d.completed_at,
        d.score,
        d.bookmarks,
        d.views,
        d.is_deleted,
        d.deleted_at,
        d.deleted_by_id,
        d.created_at,
        d.updated_at,
        d.revision
    FROM library.resources AS d
    WHERE d.tenant_id = :tenant_id
        AND d.created_on = day.date
        AND d.is_listed
    ORDER BY d.score DESC, d.bookmarks DESC, d.views DESC, d.id DESC
    LIMIT :limit
) AS r ON true
ORDER BY r.score DESC, r.bookmarks DESC, r.views DESC, r.id DESC
LIMIT :limit;
