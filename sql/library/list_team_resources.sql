-- name: library.list_team_resources :page
-- A team's resources, newest first, also incomplete ones; private ones for its members, and where the rows of all users
-- count. Two walks, so that who may not see the private ones does not read them. Index: resources_owned_by_team.
-- row: resource
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: team_id   uuid = '00000000-0000-7000-8000-000000000070'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
WITH found AS (
    (
        SELECT r.id
        FROM library.resources AS r
        WHERE r.tenant_id = :tenant_id
            AND r.owned_by_team_id = :team_id
            AND NOT r.is_deleted
            AND NOT r.is_private
            AND r.id < :after_id
        ORDER BY r.id DESC
        LIMIT :limit + 1
    )
    UNION ALL
    (
        SELECT r.id
        FROM library.resources AS r
        WHERE r.tenant_id = :tenant_id
            AND r.owned_by_team_id = :team_id
            AND NOT r.is_deleted
            AND r.is_private
            AND (
                current_setting('app.user_id', true) = 'any'
                OR :team_id = any(string_to_array(current_setting('app.team_ids', true), ',')::uuid [])
            )
            AND r.id < :after_id
        ORDER BY r.id DESC
        LIMIT :limit + 1
    )
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
FROM found
INNER JOIN library.resources AS r
    ON r.tenant_id = :tenant_id
    AND r.id = found.id
WHERE r.id < :after_id
ORDER BY r.id DESC
LIMIT :limit + 1;
