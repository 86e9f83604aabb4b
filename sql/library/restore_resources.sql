-- name: library.restore_resources :many
-- Restores deleted resources; the ids of those that were deleted. Runs that were cancelled stay so.
-- Index: the primary key.
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: ids       uuid[] = '{00000000-0000-7000-8000-000000000041}'
UPDATE library.resources AS r
SET
    deleted_at = NULL,
    deleted_by_id = NULL
WHERE r.tenant_id = :tenant_id
    AND r.id = any(:ids::uuid [])
    AND r.deleted_at IS NOT NULL
RETURNING r.id;
