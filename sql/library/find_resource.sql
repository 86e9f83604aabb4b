-- name: library.find_resource :maybe
-- The id of the resource that has a public id. Index: resources_public_id_key.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: public_id text = 'abcdefGHIJ12'
SELECT r.id
FROM library.resources AS r
WHERE r.tenant_id = :tenant_id
    AND r.public_id = :public_id;
