-- name: operations.make_partitions :many
-- Makes the monthly partitions that are missing from the first to the last day, and tells which. For the owner.
-- param: first date = '2026-01-01'
-- param: last  date = '2025-12-31'
-- not null: name
SELECT made.name
FROM operations.make_partitions(:first, :last) AS made (name)
ORDER BY made.name;
