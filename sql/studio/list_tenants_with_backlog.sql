-- name: studio.list_tenants_with_backlog :many
-- The tenants that have posts to count as backlog. For the owner, as another role sees its own only.
-- Index: social_posts_status.
-- not null: id
SELECT t.id
FROM studio.tenants_with_work() AS t
WHERE t.has_backlog
ORDER BY t.id;
