-- name: operations.list_tenants_with_backlog :many
-- The tenants that have jobs or events to count as backlog. For the owner, as another role sees its own only.
-- Indexes: jobs_status, events_order.
-- not null: id
SELECT t.id
FROM operations.tenants_with_work() AS t
WHERE t.has_backlog
ORDER BY t.id;
