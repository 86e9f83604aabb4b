-- name: library.get_version :one
-- A version of a resource that is not deleted, with its translations. Index: resource_translations_language_key.
-- row: resource_version, and more
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000072'
SELECT
    v.id,
    v.public_id,
    v.root_id,
    v.version_index,
    v.version_label,
    v.config,
    v.is_complete,
    v.is_latest,
    v.version_notes,
    v.times_started,
    v.times_completed,
    v.created_at,
    v.updated_at,
    v.revision,
    (
        SELECT coalesce(json_agg(translation ORDER BY translation.language), '[]')
        FROM (
            SELECT
                t.id,
                t.version_id,
                t.language,
                t.name,
                t.description,
                t.details,
                t.instructions,
                t.created_at,
                t.updated_at,
                t.revision
            FROM library.resource_translations AS t
            WHERE t.tenant_id = :tenant_id
                AND t.version_id = v.id
        ) AS translation
    ) AS translations
FROM library.resource_versions AS v
WHERE v.tenant_id = :tenant_id
    AND v.id = :id
    AND EXISTS (
        SELECT
        FROM library.resources AS r
        WHERE r.tenant_id = :tenant_id
            AND r.id = v.root_id
            AND NOT r.is_deleted
    );
