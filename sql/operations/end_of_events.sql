-- name: operations.end_of_events :one
-- Where the event log ends now: every event that can be read is before it, and every other will be after it.
-- scan: operations.epochs: a row per restore or failover
-- not null: epoch, xid, id
SELECT
    (SELECT max(present.epoch) FROM operations.epochs AS present) AS epoch,
    pg_snapshot_xmin(pg_current_snapshot()) AS xid,
    '00000000-0000-0000-0000-000000000000'::uuid AS id;
