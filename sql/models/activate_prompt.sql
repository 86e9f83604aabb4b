-- name: models.activate_prompt :maybe
-- Makes a prompt the active one of its kind, and the one before it not: the triggers of the history do both, one
-- activation of a kind after another. No row when there is no such prompt, it is active already, or its revision is
-- another.
-- row: prompt_activation
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000022'
-- param: reason    text NULL   = NULL
-- param: revision  bigint NULL = NULL
WITH prompt AS (
    -- Locked, so that what is compared holds until the triggers are done.
    SELECT
        p.id,
        p.label,
        p.version
    FROM models.prompt_versions AS p
    WHERE p.tenant_id = :tenant_id
        AND p.id = :id
        AND NOT p.active
        AND (:revision::bigint IS NULL OR p.revision = :revision)
    FOR NO KEY UPDATE
),

activation AS (
    INSERT INTO models.prompt_activations AS a (tenant_id, prompt_version_id, reason)
    SELECT
        :tenant_id,
        prompt.id,
        :reason
    FROM prompt
    RETURNING
        a.id,
        a.kind,
        a.prompt_version_id,
        a.replaced_prompt_version_id,
        a.actor,
        a.reason,
        a.activated_at
)

SELECT
    activation.id,
    activation.kind,
    activation.prompt_version_id,
    prompt.label,
    prompt.version,
    activation.replaced_prompt_version_id,
    activation.actor,
    activation.reason,
    activation.activated_at
FROM activation
INNER JOIN prompt ON prompt.id = activation.prompt_version_id;
