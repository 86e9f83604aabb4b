-- name: models.get_quota_limit :one
-- The limit of the tenant. One without a row has what the columns' defaults say: the same as the row that lock_quota
-- would make for it. The aggregates are over one row or none.
-- scan: models.quota_limits: a tenant has one row at most
-- row: quota_limit, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- not null: period_days, allowed, revision
SELECT
    coalesce(max(l.period_days), 30) AS period_days,
    coalesce(max(l.allowed), 10000) AS allowed,
    max(l.updated_at) FILTER (WHERE l.revision > 1) AS updated_at,
    coalesce(max(l.revision), 1) AS revision
FROM models.quota_limits AS l
WHERE l.tenant_id = :tenant_id;
