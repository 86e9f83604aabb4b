-- name: identity.get_suspension :one
-- The name of a tenant, and since when it is suspended.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
SELECT
    t.name,
    t.created_at,
    t.suspended_at
FROM identity.tenants AS t
WHERE t.id = :tenant_id;
