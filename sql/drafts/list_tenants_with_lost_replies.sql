-- name: drafts.list_tenants_with_lost_replies :many
-- The tenants that have replies whose workers are gone. For the owner, as another role sees its own only.
-- Index: scheduled_replies_leased.
-- not null: id
SELECT t.id
FROM drafts.tenants_with_work() AS t
WHERE t.has_lost_replies
ORDER BY t.id;
