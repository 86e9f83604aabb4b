-- name: inbox.get_channel_secret :maybe
-- The signing secret, encrypted, of the channel that a message names by its id.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000004'
SELECT
    c.id,
    c.signing_secret
FROM inbox.channels AS c
WHERE c.tenant_id = :tenant_id
    AND c.id = :id;
