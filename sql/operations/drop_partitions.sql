-- name: operations.drop_partitions :many
-- Drops the monthly partitions before the month of a day with their rows, and tells which; a dry run only tells.
-- For the owner.
-- param: before  date    = '2020-01-01'
-- param: dry_run boolean = true
-- not null: name
SELECT dropped.name
FROM operations.drop_partitions(:before, :dry_run) AS dropped (name)
ORDER BY dropped.name;
