-- name: identity.list_unknown_users :many
-- Of a list of ids those that no user has: why a statement did nothing.
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: user_ids  uuid[] = '{00000000-0000-7000-8000-000000000004}'
-- not null: id
SELECT DISTINCT a.id
FROM unnest(:user_ids::uuid []) AS a (id)
WHERE (
    SELECT count(*)
    FROM identity.users AS u
    WHERE u.tenant_id = :tenant_id
        AND u.id = a.id
) = 0
ORDER BY a.id;
