-- name: operations.store_backlog :one
-- Replaces what was measured before; how many rows there are now, none if nothing was measured. For the owner.
-- single: an expression without a table
-- param: measured jsonb = '[]'
-- not null: rows
SELECT CASE WHEN :measured::jsonb <> '[]' THEN operations.store_backlog(:measured) ELSE 0 END AS rows;
