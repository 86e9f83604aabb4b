-- name: inbox.list_channels :page
-- Channels of a tenant, newest first.
-- Index: the primary key.
-- row: channel
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
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
    AND c.id < :after_id
ORDER BY c.id DESC
LIMIT :limit + 1;
