-- name: inbox.find_channel :maybe
-- The channel that a message names by its external id, with its signing secret, encrypted.
-- Index: channels_external_id_key.
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: type        text = 'email'
-- param: external_id text = 'zoho-mailbox'
SELECT
    c.id,
    c.signing_secret
FROM inbox.channels AS c
WHERE c.tenant_id = :tenant_id
    AND c.type = :type
    AND c.external_id = :external_id;
