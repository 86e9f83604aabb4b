-- name: operations.store_backlog :one
-- Replaces what was measured before; how many rows there are now. For the owner.
-- single: a function's one row
-- param: measured jsonb = '[]'
-- not null: rows
SELECT operations.store_backlog(:measured) AS rows;
