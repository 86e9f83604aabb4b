-- name: identity.update_user :maybe
-- Changes what `changes` names; no row when there is no such user, or the revision is another.
-- The time since which a user is disabled stays when it is disabled again.
-- row: user
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000002'
-- param: changes   jsonb       = '{"display_name": "Agent"}'
-- param: revision  bigint NULL = NULL
WITH wanted AS (
    SELECT now() AS disabled_at
)

UPDATE identity.users AS u
SET
    email = coalesce(lower(:changes::jsonb ->> 'email'), u.email),
    display_name = coalesce(:changes::jsonb ->> 'display_name', u.display_name),
    handle = CASE WHEN :changes::jsonb ? 'handle' THEN lower(:changes::jsonb ->> 'handle') ELSE u.handle END,
    is_bot = coalesce((:changes::jsonb ->> 'is_bot')::boolean, u.is_bot),
    is_private = coalesce((:changes::jsonb ->> 'is_private')::boolean, u.is_private),
    languages = CASE
        WHEN :changes::jsonb ? 'languages' THEN array(SELECT jsonb_array_elements_text(:changes::jsonb -> 'languages'))
        ELSE u.languages
    END,
    role = coalesce(:changes::jsonb ->> 'role', u.role),
    auth_provider = CASE
        WHEN :changes::jsonb ? 'auth_provider' THEN :changes::jsonb ->> 'auth_provider'
        ELSE u.auth_provider
    END,
    auth_subject = CASE
        WHEN :changes::jsonb ? 'auth_subject' THEN :changes::jsonb ->> 'auth_subject'
        ELSE u.auth_subject
    END,
    disabled_at = CASE
        WHEN (:changes::jsonb ->> 'disabled')::boolean THEN coalesce(u.disabled_at, wanted.disabled_at)
        WHEN NOT (:changes::jsonb ->> 'disabled')::boolean THEN NULL
        ELSE u.disabled_at
    END
FROM wanted
WHERE u.tenant_id = :tenant_id
    AND u.id = :id
    AND (:revision::bigint IS NULL OR u.revision = :revision)
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
