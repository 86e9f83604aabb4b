-- name: operations.end_of_events :one
-- Where the event log ends now: every event that can be read is before it, and every other will be after it.
-- not null: epoch, xid, id
SELECT
    operations.current_epoch() AS epoch,
    pg_snapshot_xmin(pg_current_snapshot()) AS xid,
    '00000000-0000-0000-0000-000000000000'::uuid AS id;
