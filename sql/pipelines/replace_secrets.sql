-- name: pipelines.replace_secrets :rowcount
-- Puts secrets of webhooks in the place of those that `old` names; what somebody set meanwhile stays.
-- scan: pipelines.webhooks: a tenant has one row
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: secrets   jsonb = '[{"id": null, "old": {}, "new": {}}]'
WITH given AS (
    SELECT
        s.id,
        (s.old ->> 'secret')::bytea AS old_secret,
        (s.new ->> 'secret')::bytea AS new_secret,
        (s.old ->> 'previous_secret')::bytea AS old_previous,
        (s.new ->> 'previous_secret')::bytea AS new_previous
    FROM jsonb_to_recordset(:secrets) AS s (id uuid, old jsonb, new jsonb)
)

UPDATE pipelines.webhooks AS w
SET
    secret = given.new_secret,
    previous_secret = given.new_previous
FROM given
WHERE w.tenant_id = :tenant_id
    AND w.id = given.id
    AND w.secret = given.old_secret
    AND w.previous_secret IS NOT DISTINCT FROM given.old_previous;
