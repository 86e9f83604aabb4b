-- name: operations.list_retention_rules :page
-- The retention rules of a tenant, newest first.
-- Index: the primary key.
-- row: retention_rule, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    r.id,
    r.subject,
    r.days,
    r.created_at,
    r.updated_at,
    r.revision
FROM operations.retention_rules AS r
WHERE r.tenant_id = :tenant_id
    AND r.id < :after_id
ORDER BY r.id DESC
LIMIT :limit + 1;
