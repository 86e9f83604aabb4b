-- name: operations.get_replica :one
-- Asked of a replica: which cluster it copies, and how many seconds it is behind a position of the primary's WAL; NULL
-- if it is not behind. What it replayed last tells nothing by itself, because a primary may have nothing to do.
-- param: position pg_lsn = '0/0'
-- not null: cluster
SELECT
    (SELECT c.system_identifier FROM pg_control_system() AS c) AS cluster,
    CASE
        WHEN pg_is_in_recovery() AND pg_last_wal_replay_lsn() < :position::pg_lsn
            THEN extract(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp())::integer
    END AS seconds_behind;
