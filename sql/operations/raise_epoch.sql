-- name: operations.raise_epoch :one
-- Begins the next epoch, or a later one, on the cluster and timeline that the server is on; a dry run only tells the
-- present one. For the owner.
-- single: a function's one row, or the latest epoch
-- scan: operations.epochs: the latest of a few rows
-- param: reason   text    = 'failover'
-- param: at_least int     = 0
-- param: dry_run  boolean = true
-- not null: epoch, system_identifier, timeline
SELECT
    present.epoch,
    present.system_identifier,
    present.timeline
FROM (
    SELECT
        e.epoch,
        e.system_identifier,
        e.timeline
    FROM operations.epochs AS e
    ORDER BY e.epoch DESC
    LIMIT 1
) AS present
WHERE :dry_run
UNION ALL
SELECT
    raised.epoch,
    raised.system_identifier,
    raised.timeline
FROM operations.raise_epoch(:reason, :at_least) AS raised
WHERE NOT :dry_run;
