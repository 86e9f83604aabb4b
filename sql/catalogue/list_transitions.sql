-- name: catalogue.list_transitions :many
-- The legal status changes of every table that has a status.
-- scan: operations.status_transitions: all of it is asked for
SELECT
    t.entity,
    t.from_status,
    t.to_status
FROM operations.status_transitions AS t
ORDER BY t.entity, t.from_status, t.to_status;
