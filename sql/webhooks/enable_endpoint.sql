-- name: webhooks.enable_endpoint :maybe
-- Sends to a webhook endpoint again, from where it was in the event log, or from the end of the log if it is to skip
-- what it missed; no row when it is enabled already.
-- row: webhook_endpoint
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid    = '00000000-0000-7000-8000-000000000091'
-- param: skip      boolean = false
UPDATE webhooks.endpoints AS e
SET
    status = 'enabled',
    disabled_reason = NULL,
    failing_since = NULL,
    -- Beyond the end of the log, which the trigger webhooks.move_on() puts in its place.
    after_epoch = CASE WHEN :skip THEN 2147483647 ELSE e.after_epoch END
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
