-- name: identity.find_chat :maybe
-- The id of the chat that has a public id. Index: chats_public_id_key.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: public_id text = 'abcdefGHIJ12'
SELECT c.id
FROM identity.chats AS c
WHERE c.tenant_id = :tenant_id
    AND c.public_id = :public_id;
