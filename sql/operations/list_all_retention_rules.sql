-- name: operations.list_all_retention_rules :many
-- What a tenant keeps otherwise than the settings say.
-- scan: operations.retention_rules: a tenant has six at most
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
SELECT
    r.subject,
    r.days
FROM operations.retention_rules AS r
WHERE r.tenant_id = :tenant_id;
