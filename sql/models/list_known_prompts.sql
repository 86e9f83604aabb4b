-- name: models.list_known_prompts :many
-- Which of these prompts are there.
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: ids       uuid[] = '{00000000-0000-7000-8000-000000000021}'
SELECT p.id
FROM models.prompt_versions AS p
WHERE p.tenant_id = :tenant_id
    AND p.id = any(:ids::uuid []);
