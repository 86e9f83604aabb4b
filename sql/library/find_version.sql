-- name: library.find_version :maybe
-- The id of the version that has a public id. Index: resource_versions_public_id_key.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: public_id text = 'abcdefGHIJ12'
SELECT v.id
FROM library.resource_versions AS v
WHERE v.tenant_id = :tenant_id
    AND v.public_id = :public_id;
