-- name: inbox.update_channel :maybe
-- Changes what `changes` names, and the signing secret if it is to be replaced;
-- no row when there is no such channel, or the revision is another.
-- row: channel
-- param: tenant_id      uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id             uuid        = '00000000-0000-7000-8000-000000000004'
-- param: changes        jsonb       = '{"name": "Mailbox"}'
-- param: replace_secret boolean     = false
-- param: signing_secret bytea NULL  = NULL
-- param: revision       bigint NULL = NULL
-- not null: is_signed
UPDATE inbox.channels AS c
SET
    name = coalesce(:changes::jsonb ->> 'name', c.name),
    metadata = coalesce(:changes::jsonb -> 'metadata', c.metadata),
    signing_secret = CASE WHEN :replace_secret THEN :signing_secret ELSE c.signing_secret END
WHERE c.tenant_id = :tenant_id
    AND c.id = :id
    AND (:revision::bigint IS NULL OR c.revision = :revision)
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
