-- name: inbox.get_channel :one
-- One channel; never its signing secret.
-- row: channel, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000004'
-- not null: is_signed
SELECT
    c.id,
    c.type,
    c.external_id,
    c.name,
    c.metadata,
    c.signing_secret IS NOT NULL AS is_signed,
    c.created_at,
    c.updated_at,
    c.revision
FROM inbox.channels AS c
WHERE c.tenant_id = :tenant_id
    AND c.id = :id;
