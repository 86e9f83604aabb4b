-- name: identity.create_tenant :maybe
-- A tenant with its first administrator and API key, so that somebody can go on from there; no row if the tenant is
-- there, or another transaction makes it at the same time.
-- row: tenant, and more
-- param: tenant_id           uuid      = '00000000-0000-7000-8000-000000000099'
-- param: name                text      = 'Hot Rod AN'
-- param: admin_email         text      = 'owner@example.com'
-- param: admin_display_name  text      = 'Owner'
-- param: admin_auth_provider text NULL = NULL
-- param: admin_auth_subject  text NULL = NULL
-- param: key_prefix          text      = '0123456789ab'
-- param: key_secret_hash     bytea     = '\x00'
-- param: key_scopes          text[]    = '{inbox:read}'
WITH tenant AS (
    INSERT INTO identity.tenants (id, name)
    VALUES (:tenant_id, :name)
    ON CONFLICT (id) DO NOTHING
    RETURNING
        id,
        name,
        decision_role,
        self_approval,
        toxicity_threshold,
        overtaken_replies,
        created_at,
        updated_at,
        revision
),

administrator AS (
    INSERT INTO identity.users (
        tenant_id, email, display_name, role, auth_provider, auth_subject
    )
    SELECT
        :tenant_id,
        lower(:admin_email),
        :admin_display_name,
        'admin',
        :admin_auth_provider,
        :admin_auth_subject
    FROM tenant
    RETURNING id
),

api_key AS (
    INSERT INTO identity.api_keys (tenant_id, name, prefix, secret_hash, scopes)
    SELECT
        :tenant_id,
        'first key',
        :key_prefix,
        :key_secret_hash,
        :key_scopes
    FROM tenant
    RETURNING id
)

SELECT
    tenant.id,
    tenant.name,
    tenant.decision_role,
    tenant.self_approval,
    tenant.toxicity_threshold,
    tenant.overtaken_replies,
    tenant.created_at,
    tenant.updated_at,
    tenant.revision,
    administrator.id AS admin_id
FROM tenant
CROSS JOIN administrator
CROSS JOIN api_key;
