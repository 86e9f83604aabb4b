-- name: inbox.replace_secrets :rowcount
-- Puts signing secrets in the place of those that `old` names; one that somebody set meanwhile stays.
-- scan: inbox.channels: a tenant has few, and a batch may be all of them
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: secrets   jsonb = '[{"id": null, "old": {}, "new": {}}]'
WITH given AS (
    SELECT
        s.id,
        (s.old ->> 'signing_secret')::bytea AS old_secret,
        (s.new ->> 'signing_secret')::bytea AS new_secret
    FROM jsonb_to_recordset(:secrets) AS s (id uuid, old jsonb, new jsonb)
)

UPDATE inbox.channels AS c
SET signing_secret = given.new_secret
FROM given
WHERE c.tenant_id = :tenant_id
    AND c.id = given.id
    AND c.signing_secret = given.old_secret;
