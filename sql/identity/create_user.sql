-- name: identity.create_user :one
-- A user of the tenant.
-- row: user
-- param: tenant_id     uuid      = '00000000-0000-7000-8000-000000000001'
-- param: email         text      = 'agent@example.com'
-- param: display_name  text      = 'Agent'
-- param: role          text      = 'agent'
-- param: handle        text NULL = NULL
-- param: is_bot        boolean   = false
-- param: is_private    boolean   = false
-- param: languages     text[]    = '{en}'
-- param: auth_provider text NULL = NULL
-- param: auth_subject  text NULL = NULL
INSERT INTO identity.users AS u (
    tenant_id, email, display_name, handle, role, is_bot, is_private, languages, auth_provider, auth_subject
)
VALUES (
    :tenant_id,
    lower(:email),
    :display_name,
    lower(:handle),
    :role,
    :is_bot,
    :is_private,
    :languages,
    :auth_provider,
    :auth_subject
)
RETURNING
    u.id,
    u.public_id,
    u.email,
    u.display_name,
    u.handle,
    u.role,
    u.is_bot,
    u.is_private,
    u.languages,
    u.auth_provider,
    u.auth_subject,
    u.disabled_at,
    u.last_active_at,
    u.created_at,
    u.updated_at,
    u.revision;
