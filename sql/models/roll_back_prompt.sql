-- name: models.roll_back_prompt :maybe
-- Brings the templates of an earlier version back: as a new version, which becomes the active one of the kind. No row
-- when there is no such prompt, it is active already, or its revision is another.
-- row: prompt_activation
-- param: tenant_id      uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id             uuid        = '00000000-0000-7000-8000-000000000022'
-- param: label          text NULL   = NULL
-- param: reason         text        = 'The answers became too long.'
-- param: author_user_id uuid NULL   = NULL
-- param: revision       bigint NULL = NULL
WITH earlier AS (
    SELECT
        p.id,
        p.kind,
        p.system_prompt,
        p.user_template
    FROM models.prompt_versions AS p
    WHERE p.tenant_id = :tenant_id
        AND p.id = :id
        AND NOT p.active
        AND (:revision::bigint IS NULL OR p.revision = :revision)
    FOR NO KEY UPDATE
),

prompt AS (
    INSERT INTO models.prompt_versions AS p (
        tenant_id,
        kind,
        label,
        system_prompt,
        user_template,
        notes,
        author_user_id,
        restores_id
    )
    SELECT
        :tenant_id,
        earlier.kind,
        :label,
        earlier.system_prompt,
        earlier.user_template,
        :reason,
        :author_user_id,
        earlier.id
    FROM earlier
    RETURNING
        p.id,
        p.label,
        p.version
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
