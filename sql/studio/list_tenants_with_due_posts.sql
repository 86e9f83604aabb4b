-- name: studio.list_tenants_with_due_posts :many
-- The tenants that have posts to be given up, tried again or told of. For the owner, as another role sees its own only.
-- Indexes: social_posts_leased, social_posts_retry, social_posts_due.
-- not null: id
SELECT t.id
FROM studio.tenants_with_work() AS t
WHERE t.has_due_posts
ORDER BY t.id;
