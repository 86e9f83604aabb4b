-- name: inbox.create_channel :one
-- A channel, made before its first message. Its id comes first: its secret is encrypted for it.
-- row: channel
-- param: tenant_id      uuid       = '00000000-0000-7000-8000-000000000001'
-- param: id             uuid       = '00000000-0000-7000-8000-000000000005'
-- param: type           text       = 'email'
-- param: external_id    text       = 'zoho-mailbox'
-- param: name           text       = 'Zoho mailbox'
-- param: metadata       jsonb      = '{}'
-- param: signing_secret bytea NULL = NULL
-- not null: is_signed
INSERT INTO inbox.channels AS c (tenant_id, id, type, external_id, name, metadata, signing_secret)
VALUES (:tenant_id, :id, :type, :external_id, :name, :metadata, :signing_secret)
RETURNING
    c.id,
    c.type,
    c.external_id,
    c.name,
    c.metadata,
    c.signing_secret IS NOT NULL AS is_signed,
    c.created_at,
    c.updated_at,
    c.revision;
