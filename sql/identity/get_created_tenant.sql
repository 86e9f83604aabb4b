-- name: identity.get_created_tenant :one
-- The tenant with its first user, who came with it as its administrator.
-- scan: identity.users: the first by the key
-- row: tenant, and more
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
    t.revision,
    (
        SELECT u.id
        FROM identity.users AS u
        WHERE u.tenant_id = :tenant_id
        ORDER BY u.id
        LIMIT 1
    ) AS admin_id
FROM identity.tenants AS t
WHERE t.id = :tenant_id;
