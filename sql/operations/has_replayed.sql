-- name: operations.has_replayed :one
-- Whether the server has what was committed up to a position in the WAL: a primary always does, a replica when it has
-- replayed it.
-- param: position pg_lsn = '0/0'
-- not null: has_replayed
SELECT (NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= :position::pg_lsn) IS TRUE AS has_replayed;
