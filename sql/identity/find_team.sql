-- name: identity.find_team :maybe
-- The id of the team that has a public id. Index: teams_public_id_key.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: public_id text = 'abcdefGHIJ12'
SELECT t.id
FROM identity.teams AS t
WHERE t.tenant_id = :tenant_id
    AND t.public_id = :public_id;
