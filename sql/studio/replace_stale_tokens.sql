-- name: studio.replace_stale_tokens :rowcount
-- Puts tokens in the place of those that `old` names; what somebody stored meanwhile stays.
-- scan: studio.social_accounts: a tenant has few, and a batch may be all of them
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: secrets   jsonb = '[{"id": null, "old": {}, "new": {}}]'
WITH given AS (
    SELECT
        s.id,
        (s.old ->> 'access_token')::bytea AS old_access_token,
        (s.new ->> 'access_token')::bytea AS new_access_token,
        (s.old ->> 'refresh_token')::bytea AS old_refresh_token,
        (s.new ->> 'refresh_token')::bytea AS new_refresh_token
    FROM jsonb_to_recordset(:secrets) AS s (id uuid, old jsonb, new jsonb)
)

UPDATE studio.social_accounts AS a
SET
    access_token = given.new_access_token,
    refresh_token = given.new_refresh_token
FROM given
WHERE a.tenant_id = :tenant_id
    AND a.id = given.id
    AND a.access_token = given.old_access_token
    AND a.refresh_token IS NOT DISTINCT FROM given.old_refresh_token;
