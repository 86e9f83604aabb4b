-- name: library.get_resource :one
-- A resource that is not deleted, with who created it, and the latest version and its translations.
-- Indexes: resource_versions_latest_key, resource_translations_language_key.
-- row: resource, and more
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000071'
SELECT
    r.id,
    r.public_id,
    r.resource_type,
    r.is_private,
    r.parent_id,
    r.created_by_id,
    r.owned_by_user_id,
    r.owned_by_team_id,
    r.has_complete_version,
    r.completed_at,
    r.score,
    r.bookmarks,
    r.views,
    r.is_deleted,
    r.deleted_at,
    r.deleted_by_id,
    r.created_at,
    r.updated_at,
    r.revision,
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
                AND u.id = r.created_by_id
        ) AS creator
    ) AS creator,
    (
        SELECT to_json(latest)
        FROM (
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
                AND v.root_id = r.id
                AND v.is_latest
        ) AS latest
    ) AS latest_version
FROM library.resources AS r
WHERE r.tenant_id = :tenant_id
    AND r.id = :id
    AND NOT r.is_deleted;
