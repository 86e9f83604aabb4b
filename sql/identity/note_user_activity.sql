-- name: identity.note_user_activity :rowcount
-- Dates when a user was last seen; the service asks once a minute at most.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000002'
UPDATE identity.users AS u
SET last_active_at = now()
WHERE u.tenant_id = :tenant_id
    AND u.id = :id
    AND (u.last_active_at IS NULL OR u.last_active_at < now() - interval '1 minute');
