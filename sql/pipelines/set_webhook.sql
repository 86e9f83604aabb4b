-- name: pipelines.set_webhook :maybe
-- Sets the secret of the tenant's webhook, encrypted for the row with this id; the one before works for as long as
-- `grace` says. No row when another request has just made the webhook, with another id.
-- Index: webhooks_tenant_key.
-- row: pipeline_webhook
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid     = '00000000-0000-7000-8000-000000000029'
-- param: secret    bytea    = '\x00'
-- param: grace     interval = '0 seconds'
INSERT INTO pipelines.webhooks AS w (tenant_id, id, secret)
VALUES (:tenant_id, :id, :secret)
ON CONFLICT (tenant_id) DO UPDATE
    SET
        secret = excluded.secret,
        previous_secret = CASE WHEN :grace::interval > interval '0' THEN w.secret END,
        previous_expires_at = CASE WHEN :grace::interval > interval '0' THEN now() + :grace END
    WHERE w.id = excluded.id
RETURNING
    w.previous_expires_at,
    w.created_at,
    w.updated_at,
    w.revision;
