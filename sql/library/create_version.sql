-- name: library.create_version :one
-- The next version of a resource, with its translations; no row when the resource is deleted, or not to be seen.
-- Triggers number it, make it the latest, and refuse it to others than the owner.
-- row: resource_version, and more
-- param: tenant_id   uuid  = '00000000-0000-7000-8000-000000000001'
-- param: resource_id uuid  = '00000000-0000-7000-8000-000000000071'
-- param: version     jsonb = '{"version_label": "1", "config": {}, "is_complete": true, "translations": []}'
WITH given AS (
    SELECT
        version.version_label,
        version.config,
        version.is_complete,
        version.version_notes,
        version.translations
    FROM
        jsonb_to_record(:version::jsonb)
            AS version (
                version_label text,
                config jsonb,
                is_complete boolean,
                version_notes text,
                translations jsonb
            )
),

resource AS (
    SELECT r.id
    FROM library.resources AS r
    WHERE r.tenant_id = :tenant_id
        AND r.id = :resource_id
        AND NOT r.is_deleted
),

version AS (
    INSERT INTO library.resource_versions (
        tenant_id, root_id, version_label, config, is_complete, version_notes
    )
    SELECT
        :tenant_id,
        resource.id,
        given.version_label,
        given.config,
        given.is_complete,
        given.version_notes
    FROM resource
    CROSS JOIN given
    RETURNING
        id,
        public_id,
        root_id,
        version_index,
        version_label,
        config,
        is_complete,
        is_latest,
        version_notes,
        times_started,
        times_completed,
        created_at,
        updated_at,
        revision
),

translation AS (
    INSERT INTO library.resource_translations (
        tenant_id, version_id, language, name, description, details, instructions
    )
    SELECT
        :tenant_id,
        version.id,
        item.language,
        item.name,
        item.description,
        item.details,
        item.instructions
    FROM version
    CROSS JOIN given
    CROSS JOIN
        LATERAL jsonb_to_recordset(given.translations)
            AS item (language text, name text, description text, details text, instructions text)
    RETURNING
        id,
        version_id,
        language,
        name,
        description,
        details,
        instructions,
        created_at,
        updated_at,
        revision
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
        FROM translation
    ) AS translations
FROM version;
