-- name: operations.end_of_events :one
-- Where the event log of a tenant ends now: every event that can be read is before it, and every other will be after
-- it. From the tenant's row, for on a cluster each server counts transactions for itself.
-- scan: operations.epochs: a row per restore or failover
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- not null: epoch, xid, id
SELECT
    (SELECT max(present.epoch) FROM operations.epochs AS present) AS epoch,
    pg_snapshot_xmin(pg_current_snapshot()) AS xid,
    '00000000-0000-0000-0000-000000000000'::uuid AS id
FROM identity.tenants AS t
WHERE t.id = :tenant_id;
