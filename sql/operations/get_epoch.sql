-- name: operations.get_epoch :one
-- The latest epoch, and the cluster and timeline that the server is on now, which it should be of.
-- single: the first of all
-- scan: operations.epochs: a row per restore or failover
-- not null: cluster
SELECT
    e.epoch,
    e.system_identifier,
    e.timeline,
    (SELECT c.system_identifier FROM pg_control_system() AS c) AS cluster,
    operations.timeline() AS timeline_now
FROM operations.epochs AS e
ORDER BY e.epoch DESC
LIMIT 1;
