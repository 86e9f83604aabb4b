-- name: operations.new_id :one
-- An id for a row that does not exist yet: a secret in it is encrypted for it.
-- single: it reads no table
-- not null: id
SELECT operations.new_id() AS id;
