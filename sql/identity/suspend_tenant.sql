-- name: identity.suspend_tenant :rowcount
-- Suspends a tenant, or lets it go on; nothing changes when it is so already.
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: suspended boolean = true
WITH wanted AS (
    SELECT CASE WHEN :suspended THEN now() END AS suspended_at
)

UPDATE identity.tenants AS t
SET suspended_at = wanted.suspended_at
FROM wanted
WHERE t.id = :tenant_id
    AND (t.suspended_at IS NOT NULL) <> :suspended;
