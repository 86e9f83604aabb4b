-- name: library.lock_runs :exec
-- Comes before what deletes several resources, which cancels their runs: see the function, which is called on the node
-- that keeps them.
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: ids       uuid[] = '{00000000-0000-7000-8000-000000000041}'
SELECT library.lock_runs(t.id, :ids::uuid [])
FROM identity.tenants AS t
WHERE t.id = :tenant_id;
