-- name: operations.list_tenants_with_lost_jobs :many
-- The tenants that have jobs whose workers are gone. For the owner, as another role sees its own only.
-- Index: jobs_leased.
-- not null: id
SELECT t.id
FROM operations.tenants_with_work() AS t
WHERE t.has_lost_jobs
ORDER BY t.id;
