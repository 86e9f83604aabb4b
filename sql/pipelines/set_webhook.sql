-- name: pipelines.set_webhook :maybe
-- Sets the secret of the tenant's webhook, encrypted for the row with this id; the one before works for as long as
-- `grace` says. No row when another request has just made the webhook, with another id.
-- Index: webhooks_tenant_key.
-- scan: pipelines.webhooks: a tenant has one at most
-- single: one of the two parts is empty
-- row: pipeline_webhook
-- param: tenant_id uuid     = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid     = '00000000-0000-7000-8000-000000000029'
-- param: secret    bytea    = '\x00'
-- param: grace     interval = '0 seconds'
-- not null: created_at, updated_at, revision
WITH wanted AS (
    SELECT
        :grace::interval > interval '0' AS keeps_previous,
        CASE WHEN :grace::interval > interval '0' THEN now() + :grace END AS previous_expires_at
),

changed AS (
    UPDATE pipelines.webhooks AS w
    SET
        secret = :secret,
        previous_secret = CASE WHEN wanted.keeps_previous THEN w.secret END,
        previous_expires_at = wanted.previous_expires_at
    FROM wanted
    WHERE w.tenant_id = :tenant_id
        AND w.id = :id
    RETURNING
        w.previous_expires_at,
        w.created_at,
        w.updated_at,
        w.revision
),

made AS (
    INSERT INTO pipelines.webhooks AS w (tenant_id, id, secret)
    SELECT
        :tenant_id,
        :id,
        :secret
    WHERE NOT EXISTS (SELECT 1 FROM changed)
    ON CONFLICT (tenant_id) DO NOTHING
    RETURNING
        w.previous_expires_at,
        w.created_at,
        w.updated_at,
        w.revision
)

SELECT
    changed.previous_expires_at,
    changed.created_at,
    changed.updated_at,
    changed.revision
FROM changed
UNION ALL
SELECT
    made.previous_expires_at,
    made.created_at,
    made.updated_at,
    made.revision
FROM made;
