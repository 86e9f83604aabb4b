-- name: webhooks.replace_secrets :rowcount
-- Puts secrets of webhook endpoints in the place of those that `old` names; what somebody set meanwhile stays.
-- scan: webhooks.endpoints: a tenant has 20 at most
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

UPDATE webhooks.endpoints AS e
SET
    secret = given.new_secret,
    previous_secret = given.new_previous
FROM given
WHERE e.tenant_id = :tenant_id
    AND e.id = given.id
    AND e.secret = given.old_secret
    AND e.previous_secret IS NOT DISTINCT FROM given.old_previous;
