-- name: operations.check_constraints :exec
-- Looks at the constraints that a cluster defers, on the node that keeps the tenant's rows: sent behind each statement
-- that may write there, so that the statement is refused with the reason. The commit would not tell it.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
SELECT operations.check_constraints()
FROM identity.tenants AS t
WHERE t.id = :tenant_id;
