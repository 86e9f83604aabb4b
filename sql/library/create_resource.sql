-- name: library.create_resource :one
-- A resource with its first version and its translations. It is the user's unless a team is named, and nobody's if
-- neither is. A trigger refuses it where the user may not write the team's resources.
-- row: resource, and more
-- param: tenant_id     uuid      = '00000000-0000-7000-8000-000000000001'
-- param: user_id       uuid NULL = '00000000-0000-7000-8000-000000000002'
-- param: team_id       uuid NULL = NULL
-- param: resource_type text      = 'Routine'
-- param: is_private    boolean   = false
-- param: version       jsonb     = '{"version_label": "1", "config": {}, "is_complete": true, "translations": []}'
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
    INSERT INTO library.resources (
        tenant_id,
        resource_type,
        is_private,
        created_by_id,
        owned_by_user_id,
        owned_by_team_id,
        has_complete_version
    )
    SELECT
        :tenant_id,
        :resource_type,
        :is_private,
        :user_id,
        CASE WHEN :team_id::uuid IS NULL THEN :user_id::uuid END,
        :team_id::uuid,
        given.is_complete
    FROM given
    RETURNING
        id,
        public_id,
        resource_type,
        is_private,
        parent_id,
        created_by_id,
        owned_by_user_id,
        owned_by_team_id,
        has_complete_version,
        completed_at,
        score,
        bookmarks,
        views,
        is_deleted,
        deleted_at,
        deleted_by_id,
        created_at,
        updated_at,
        revision
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
    resource.id,
    resource.public_id,
    resource.resource_type,
    resource.is_private,
    resource.parent_id,
    resource.created_by_id,
    resource.owned_by_user_id,
    resource.owned_by_team_id,
    resource.has_complete_version,
    resource.completed_at,
    resource.score,
    resource.bookmarks,
    resource.views,
    resource.is_deleted,
    resource.deleted_at,
    resource.deleted_by_id,
    resource.created_at,
    resource.updated_at,
    resource.revision,
    (
        SELECT to_json(creator)
        FROM (
            SELECT
                u.id,
                u.public_id,
                u.display_name AS name,
                u.handle
            FROM identity.users AS u
            WHERE u.tenant_id = :tenant_id
                AND u.id = resource.created_by_id
        ) AS creator
    ) AS creator,
    (
        SELECT to_json(latest)
        FROM (
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
            FROM version
        ) AS latest
    ) AS latest_version
FROM resource;
