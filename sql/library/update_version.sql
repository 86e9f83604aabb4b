-- name: library.update_version :maybe
-- Changes what `changes` names; no row when the resource is deleted, or the revision is another. The resource is
-- locked first, as where a version is added. Triggers refuse it to others than the owner, and keep what the resource
-- says of it.
-- row: resource_version, and more
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000072'
-- param: changes   jsonb       = '{"is_complete": true, "version_notes": null}'
-- param: revision  bigint NULL = NULL
WITH resource AS (
    SELECT r.id
    FROM library.resources AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id = (
            SELECT v.root_id
            FROM library.resource_versions AS v
            WHERE v.tenant_id = :tenant_id
                AND v.id = :id
        )
        AND NOT r.is_deleted
    FOR NO KEY UPDATE
),

version AS (
    UPDATE library.resource_versions AS v
    SET
        version_label = coalesce(:changes::jsonb ->> 'version_label', v.version_label),
        config = coalesce(:changes::jsonb -> 'config', v.config),
        is_complete = coalesce((:changes::jsonb ->> 'is_complete')::boolean, v.is_complete),
        version_notes = CASE
            WHEN :changes::jsonb ? 'version_notes' THEN :changes::jsonb ->> 'version_notes'
            ELSE v.version_notes
        END
    FROM resource
    WHERE v.tenant_id = :tenant_id
        AND v.id = :id
        AND v.root_id = resource.id
        AND (:revision::bigint IS NULL OR v.revision = :revision)
    RETURNING
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
        v.revision
)

SELECT
    version.id,
    version.public_id,
    version.root_id,
    version.version_index,
    version.version_label,
    version.config,
    version.is_complete,
    version.is_latest,
    version.version_notes,
    version.times_started,
    version.times_completed,
    version.created_at,
    version.updated_at,
    version.revision,
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
                AND t.version_id = version.id
        ) AS translation
    ) AS translations
FROM version;
