-- name: operations.raise_epoch :one
-- Begins the next epoch, or a later one, on the cluster and timeline that the server is on. For the owner.
-- single: a function's one row
-- param: reason   text = 'failover'
-- param: at_least int  = 0
-- not null: epoch, system_identifier, timeline
SELECT
    r.epoch,
    r.system_identifier,
    r.timeline
FROM operations.raise_epoch(:reason, :at_least) AS r;
