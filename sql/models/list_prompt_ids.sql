-- name: models.list_prompt_ids :many
-- The ids of all prompts of a tenant, whose metrics are recomputed one after another. Index: the primary key.
-- scan: models.prompt_versions: all that there are
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
SELECT p.id
FROM models.prompt_versions AS p
WHERE p.tenant_id = :tenant_id
ORDER BY p.id;
