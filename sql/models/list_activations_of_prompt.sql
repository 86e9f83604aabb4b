-- name: models.list_activations_of_prompt :page
-- When a prompt became active, the latest first.
-- Index: prompt_activations_prompt_version.
-- row: prompt_activation
-- param: tenant_id          uuid        = '00000000-0000-7000-8000-000000000001'
-- param: prompt_version_id  uuid        = '00000000-0000-7000-8000-000000000021'
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
    AND a.prompt_version_id = :prompt_version_id
    AND (a.activated_at, a.id) < (:after_activated_at, :after_id)
ORDER BY a.activated_at DESC, a.id DESC
LIMIT :limit + 1;
