-- name: webhooks.create_endpoint :one
-- A webhook endpoint, for what happens from now on. Its id comes first: its secret is encrypted for it.
-- row: webhook_endpoint
-- param: tenant_id   uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id          uuid        = '00000000-0000-7000-8000-000000000093'
-- param: url         text        = 'https://example.com/hook'
-- param: description text NULL   = NULL
-- param: types       text[]      = '{change}'
-- param: entities    text[] NULL = NULL
-- param: secret      bytea       = '\x00'
INSERT INTO webhooks.endpoints AS e (tenant_id, id, url, description, types, entities, secret)
VALUES (:tenant_id, :id, :url, :description, :types, :entities, :secret)
RETURNING
    e.id,
    e.url,
    e.description,
    e.types,
    e.entities,
    e.status,
    e.disabled_reason,
    e.failing_since,
    e.previous_expires_at,
    e.created_at,
    e.updated_at,
    e.revision;
