-- name: library.list_tenants_with_backlog :many
-- The tenants that have runs to count as backlog. For the owner, as another role sees its own only.
-- Indexes: runs_due, runs_leased.
-- not null: id
SELECT t.id
FROM library.tenants_with_work() AS t
WHERE t.has_backlog
ORDER BY t.id;
