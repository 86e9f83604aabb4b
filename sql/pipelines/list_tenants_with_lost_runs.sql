-- name: pipelines.list_tenants_with_lost_runs :many
-- The tenants that have runs whose workers are gone. For the owner, as another role sees its own only.
-- Index: runs_leased.
-- not null: id
SELECT t.id
FROM pipelines.tenants_with_work() AS t
WHERE t.has_lost_runs
ORDER BY t.id;
