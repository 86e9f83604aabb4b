-- name: identity.get_tenant :one
-- The caller's own tenant.
-- row: tenant, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
SELECT
    t.id,
    t.name,
    t.decision_role,
    t.self_approval,
    t.toxicity_threshold,
    t.overtaken_replies,
    t.created_at,
    t.updated_at,
    t.revision
FROM identity.tenants AS t
WHERE t.id = :tenant_id;
