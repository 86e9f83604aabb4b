-- name: identity.create_user :one
-- A user of the tenant.
-- row: user
-- param: tenant_id     uuid      = '00000000-0000-7000-8000-000000000001'
-- param: email         text      = 'agent@example.com'
-- param: display_name  text      = 'Agent'
-- param: role          text      = 'agent'
-- param: auth_provider text NULL = NULL
-- param: auth_subject  text NULL = NULL
INSERT INTO identity.users AS u (
    tenant_id, email, display_name, role, auth_provider, auth_subject
)
VALUES (:tenant_id, :email, :display_name, :role, :auth_provider, :auth_subject)
RETURNING
    u.id,
    u.email,
    u.display_name,
    u.role,
    u.auth_provider,
    u.auth_subject,
    u.disabled_at,
    u.created_at,
    u.updated_at,
    u.revision;
