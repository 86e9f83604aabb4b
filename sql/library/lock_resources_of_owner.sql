-- name: library.lock_resources_of_owner :many
-- As library.lock_resources, of a user or a team: those that a filter matches. The limit is one more than a change may
-- have, to tell when there are too many. Indexes: resources_owned_by_user, resources_owned_by_team.
-- param: tenant_id        uuid             = '00000000-0000-7000-8000-000000000001'
-- param: owned_by_user_id uuid        NULL = '00000000-0000-7000-8000-000000000002'
-- param: owned_by_team_id uuid        NULL = NULL
-- param: resource_type    text        NULL = NULL
-- param: created_before   timestamptz NULL = NULL
-- param: is_deleted       boolean          = 'false'
-- param: permission       text             = 'delete-resources'
-- param: limit            integer          = '10001'
-- not null: may_change
SELECT
    r.id,
    library.may_change(r.owned_by_user_id, r.owned_by_team_id, :permission) AS may_change
FROM library.resources AS r
WHERE r.tenant_id = :tenant_id
    AND (r.owned_by_user_id = :owned_by_user_id OR r.owned_by_team_id = :owned_by_team_id)
    AND (:resource_type::text IS NULL OR r.resource_type = :resource_type)
    AND (:created_before::timestamptz IS NULL OR r.created_at < :created_before)
    AND r.is_deleted = :is_deleted
    AND (NOT r.is_deleted OR library.may_change(r.owned_by_user_id, r.owned_by_team_id, :permission))
ORDER BY r.id
LIMIT :limit
FOR NO KEY UPDATE;
