-- name: identity.new_tenant_id :one
-- The id of a tenant about to be made: row-level security lets it be inserted only by a transaction in it.
-- not null: id
SELECT operations.new_id() AS id;
