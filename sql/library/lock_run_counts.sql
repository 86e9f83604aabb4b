-- name: library.lock_run_counts :exec
-- Comes before what changes the runs of several users: see the function, which is called on the node that keeps the
-- tenant's runs. After enter_for_all_users.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
SELECT library.lock_run_counts(t.id)
FROM identity.tenants AS t
WHERE t.id = :tenant_id;
