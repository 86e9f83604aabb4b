-- name: library.put_translation :one
-- What a version is called and how it is described in a language, anew or instead of what was there; no row when the
-- resource is deleted, or not to be seen. The resource is locked first, as where a version is added.
-- row: resource_translation, the original
-- single: of one version in one language
-- param: tenant_id    uuid      = '00000000-0000-7000-8000-000000000001'
-- param: version_id   uuid      = '00000000-0000-7000-8000-000000000072'
-- param: language     text      = 'de'
-- param: name         text      = 'Tägliche Besprechung'
-- param: description  text NULL = 'Was war, was wird.'
-- param: details      text NULL = NULL
-- param: instructions text NULL = NULL
WITH resource AS (
    SELECT r.id
    FROM library.resources AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id = (
            SELECT v.root_id
            FROM library.resource_versions AS v
            WHERE v.tenant_id = :tenant_id
                AND v.id = :version_id
        )
        AND NOT r.is_deleted
    FOR NO KEY UPDATE
)

INSERT INTO library.resource_translations AS t (
    tenant_id, version_id, language, name, description, details, instructions
)
SELECT
    :tenant_id,
    :version_id,
    :language,
    :name,
    :description,
    :details,
    :instructions
FROM resource
ON CONFLICT (tenant_id, version_id, language) DO UPDATE
    SET
        name = excluded.name,
        description = excluded.description,
        details = excluded.details,
        instructions = excluded.instructions
RETURNING
    t.id,
    t.version_id,
    t.language,
    t.name,
    t.description,
    t.details,
    t.instructions,
    t.created_at,
    t.updated_at,
    t.revision;
