-- name: drafts.list_tenants_with_backlog :many
-- The tenants that have replies to count as backlog. For the owner, as another role sees its own only.
-- Index: scheduled_replies_status.
-- not null: id
SELECT t.id
FROM drafts.tenants_with_work() AS t
WHERE t.has_backlog
ORDER BY t.id;
