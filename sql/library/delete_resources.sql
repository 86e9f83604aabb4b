-- name: library.delete_resources :many
-- Deletes resources, so that they can be restored; the ids of those that were not deleted before. Their runs are
-- cancelled by library.cancel_runs(), and library.count_deletion() counts. Index: the primary key.
-- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid NULL = NULL
-- param: ids       uuid[]    = '{00000000-0000-7000-8000-000000000041}'
UPDATE library.resources AS r
SET
    deleted_at = now(),
    deleted_by_id = :user_id
WHERE r.tenant_id = :tenant_id
    AND r.id = any(:ids::uuid [])
    AND r.deleted_at IS NULL
RETURNING r.id;
