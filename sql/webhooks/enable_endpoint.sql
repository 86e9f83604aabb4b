-- name: webhooks.enable_endpoint :maybe
-- Sends to a webhook endpoint again, from where it was in the event log, or from the end of the log if it is to skip
-- what it missed; no row when it is enabled already.
-- scan: operations.epochs: a row per restore or failover
-- row: webhook_endpoint
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid    = '00000000-0000-7000-8000-000000000091'
-- param: skip      boolean = false
WITH log AS (
    SELECT
        (SELECT max(present.epoch) FROM operations.epochs AS present) AS epoch,
        operations.horizon(t.id) AS xid
    FROM identity.tenants AS t
    WHERE t.id = :tenant_id
)

UPDATE webhooks.endpoints AS e
SET
    status = 'enabled',
    disabled_reason = NULL,
    failing_since = NULL,
    after_epoch = CASE WHEN :skip THEN log.epoch ELSE e.after_epoch END,
    after_xid = CASE WHEN :skip THEN log.xid ELSE e.after_xid END,
    after_id = CASE WHEN :skip THEN '00000000-0000-0000-0000-000000000000' ELSE e.after_id END
FROM log
WHERE e.tenant_id = :tenant_id
    AND e.id = :id
    AND e.status = 'disabled'
RETURNING
    e.id,
    e.url,
    e.description,
    e.types,
    e.entities,
    e.status,
    e.disabled_reason,
    e.failing_since,
    e.previous_expires_at,
    e.created_at,
    e.updated_at,
    e.revision;
