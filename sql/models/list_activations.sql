-- name: models.list_activations :page
-- Which prompts became active, of all kinds, the latest first.
-- Index: prompt_activations_activated.
-- row: prompt_activation, the original
-- param: tenant_id          uuid        = '00000000-0000-7000-8000-000000000001'
-- param: after_activated_at timestamptz = 'infinity'
-- param: after_id           uuid        = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit              int         = 30
SELECT
    a.id,
    a.kind,
    a.prompt_version_id,
    p.label,
    p.version,
    a.replaced_prompt_version_id,
    a.actor,
    a.reason,
    a.activated_at
FROM models.prompt_activations AS a
INNER JOIN models.prompt_versions AS p
    ON p.tenant_id = :tenant_id
    AND p.id = a.prompt_version_id
WHERE a.tenant_id = :tenant_id
    AND (a.activated_at, a.id) < (:after_activated_at, :after_id)
ORDER BY a.activated_at DESC, a.id DESC
LIMIT :limit + 1;
