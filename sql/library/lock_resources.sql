-- name: library.lock_resources :many
-- Locks the resources of a bulk change until its transaction ends, in the order of their ids, so that two such changes
-- do not wait for each other in turn: an UPDATE locks in no order. Tells of each whether the caller may change it;
-- deleted ones are only for who may restore them.
-- Index: the primary key.
-- param: tenant_id  uuid   = '00000000-0000-7000-8000-000000000001'
-- param: ids        uuid[] = '{00000000-0000-7000-8000-000000000041}'
-- param: permission text   = 'write-resources'
-- not null: may_change
SELECT
    r.id,
    r.revision,
    r.is_deleted,
    library.may_change(r.owned_by_user_id, r.owned_by_team_id, :permission) AS may_change
FROM library.resources AS r
WHERE r.tenant_id = :tenant_id
    AND r.id = any(:ids::uuid [])
    AND (NOT r.is_deleted OR library.may_change(r.owned_by_user_id, r.owned_by_team_id, :permission))
ORDER BY r.id
FOR NO KEY UPDATE;
