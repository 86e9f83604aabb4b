-- name: inbox.ensure_channel :one
-- Makes the channel of the first message that names it. Of two first messages at once the second waits
-- and gets the same channel: the empty update is there to return it. Of no key column: that would lock the
-- channel against the foreign keys of messages that others take in, and deadlock with them.
-- param: tenant_id   uuid  = '00000000-0000-7000-8000-000000000001'
-- param: type        text  = 'email'
-- param: external_id text  = 'zoho-mailbox'
-- param: name        text  = 'Zoho mailbox'
-- param: metadata    jsonb = '{}'
INSERT INTO inbox.channels AS c (tenant_id, type, external_id, name, metadata)
VALUES (:tenant_id, :type, :external_id, :name, :metadata)
ON CONFLICT (tenant_id, type, external_id) DO UPDATE
    SET name = c.name
RETURNING
    c.id,
    c.signing_secret;
