-- name: studio.list_tenants_with_expired_tokens :many
-- The tenants that have access tokens to tell of as expired. For the owner, as another role sees its own only.
-- Index: social_accounts_expiry.
-- not null: id
SELECT t.id
FROM studio.tenants_with_work() AS t
WHERE t.has_expired_tokens
ORDER BY t.id;
