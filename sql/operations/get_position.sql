-- name: operations.get_position :one
-- The position in the primary's WAL after all that is committed: what a replica has to replay to have that.
-- not null: wal_position
SELECT pg_current_wal_insert_lsn()::text AS wal_position;
