-- name: operations.list_backlog :many
-- What waited in all tenants when a worker measured it last, and for how long the oldest has by now.
-- scan: operations.backlog: a few rows
-- not null: oldest_seconds
SELECT
    b.kind,
    b.state,
    b.total,
    greatest(coalesce(extract(EPOCH FROM now() - b.oldest_at), 0), 0)::float8 AS oldest_seconds
FROM operations.backlog AS b
ORDER BY b.kind, b.state;
