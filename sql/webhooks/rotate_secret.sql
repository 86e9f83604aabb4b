-- name: webhooks.rotate_secret :one
-- Gives a webhook endpoint another secret, encrypted for its row; the one before signs as well for as long as
-- `grace` says.
-- row: webhook_endpoint
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid     = '00000000-0000-7000-8000-000000000091'
-- param: secret    bytea    = '\x00'
-- param: grace     interval = '0 seconds'
WITH wanted AS (
    SELECT
        :grace::interval > interval '0' AS keeps_previous,
        CASE WHEN :grace::interval > interval '0' THEN now() + :grace END AS previous_expires_at
)

UPDATE webhooks.endpoints AS e
SET
    secret = :secret,
    previous_secret = CASE WHEN wanted.keeps_previous THEN e.secret END,
    previous_expires_at = wanted.previous_expires_at
FROM wanted
WHERE e.tenant_id = :tenant_id
    AND e.id = :id
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
