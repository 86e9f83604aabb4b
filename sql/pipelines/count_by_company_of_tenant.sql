-- name: pipelines.count_by_company_of_tenant :page
-- The companies of all users by their ids, with how many runs each has. After enter_for_all_users.
-- Index: runs_company_of_tenant.
-- row: pipeline_company
-- param: tenant_id        uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_company_id text = ''
-- param: limit            int  = 30
-- not null: company_name, runs, pending, running, completed, failed, cancelled
SELECT
    r.company_id,
    max(r.company_name) AS company_name,
    count(*) AS runs,
    count(*) FILTER (WHERE r.status = 'pending') AS pending,
    count(*) FILTER (WHERE r.status = 'running') AS running,
    count(*) FILTER (WHERE r.status = 'completed') AS completed,
    count(*) FILTER (WHERE r.status = 'failed') AS failed,
    count(*) FILTER (WHERE r.status = 'cancelled') AS cancelled
FROM pipelines.runs AS r
WHERE r.tenant_id = :tenant_id
    AND r.company_id > :after_company_id
GROUP BY r.company_id
ORDER BY r.company_id
LIMIT :limit + 1;
