-- name: models.set_quota_limit :maybe
-- Sets the limit of the tenant, whose row lock_quota has made; no row when the revision is another.
-- scan: models.quota_limits: a tenant has one row at most
-- row: quota_limit
-- param: tenant_id   uuid        = '00000000-0000-7000-8000-000000000001'
-- param: period_days int         = 30
-- param: allowed     bigint      = 50000
-- param: revision    bigint NULL = NULL
UPDATE models.quota_limits AS l
SET
    period_days = :period_days,
    allowed = :allowed
WHERE l.tenant_id = :tenant_id
    AND (:revision::bigint IS NULL OR l.revision = :revision)
RETURNING
    l.period_days,
    l.allowed,
    CASE WHEN l.revision > 1 THEN l.updated_at END AS updated_at,
    l.revision;
