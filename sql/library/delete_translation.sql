-- name: library.delete_translation :one
-- Deletes the translation of a version into a language; no row when there is none, or the resource is deleted. The
-- resource is locked first, as where a version is added. Index: resource_translations_language_key.
-- row: resource_translation
-- param: tenant_id  uuid = '00000000-0000-7000-8000-000000000001'
-- param: version_id uuid = '00000000-0000-7000-8000-000000000072'
-- param: language   text = 'en'
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

DELETE FROM library.resource_translations AS t
USING resource
WHERE t.tenant_id = :tenant_id
    AND t.version_id = :version_id
    AND t.language = :language
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
