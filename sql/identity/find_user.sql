-- name: identity.find_user :maybe
-- The id of the user that has a public id. Index: users_public_id_key.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: public_id text = 'abcdefGHIJ12'
SELECT u.id
FROM identity.users AS u
WHERE u.tenant_id = :tenant_id
    AND u.public_id = :public_id;
