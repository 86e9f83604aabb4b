-- name: library.create_resources :many
-- Resources with their first versions and translations, all of them or none; what became of each, in their order. One
-- whose public id is taken, by a resource or earlier in the list, is skipped, with the id of the resource that has it
-- if the caller may see that. Sent in the order of the public ids, lists do not wait for each other in turn. What has
-- no owner is the acting user's. Index: resources_public_id_key.
-- param: tenant_id uuid      = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid NULL = NULL
-- param: resources jsonb     = '[]'
-- not null: outcome
WITH item AS MATERIALIZED (
    SELECT
        listed.place,
        operations.new_id() AS id,
        operations.new_id() AS version_id,
        coalesce(given.public_id, operations.new_public_id()) AS public_id,
        given.resource_type,
        given.is_private,
        CASE WHEN given.owned_by_team_id IS NULL THEN coalesce(given.owned_by_user_id, :user_id::uuid) END
            AS owned_by_user_id,
        given.owned_by_team_id,
        given.parent_id,
        first.version_label,
        first.config,
        first.is_complete,
        first.version_notes,
        first.translations
    FROM jsonb_array_elements(:resources::jsonb) WITH ORDINALITY AS listed (resource, place)
    CROSS JOIN
        LATERAL jsonb_to_record(listed.resource)
            AS given (
                public_id text,
                resource_type text,
                is_private boolean,
                owned_by_user_id uuid,
                owned_by_team_id uuid,
                parent_id uuid,
                version jsonb
            )
    CROSS JOIN
        LATERAL jsonb_to_record(given.version)
            AS first (
                version_label text,
                config jsonb,
                is_complete boolean,
                version_notes text,
                translations jsonb
            )
),

stored AS (
    INSERT INTO library.resources AS r (
        tenant_id,
        id,
        public_id,
        resource_type,
        is_private,
        parent_id,
        created_by_id,
        owned_by_user_id,
        owned_by_team_id,
        has_complete_version
    )
    SELECT
        :tenant_id,
        item.id,
        item.public_id,
        item.resource_type,
        item.is_private,
        item.parent_id,
        :user_id,
        item.owned_by_user_id,
        item.owned_by_team_id,
        item.is_complete
    FROM item
    ORDER BY item.place
    ON CONFLICT (tenant_id, public_id) DO NOTHING
    RETURNING
        r.id,
        r.public_id
),

version AS (
    INSERT INTO library.resource_versions AS v (
        tenant_id,
        id,
        root_id,
        version_index,
        version_label,
        config,
        is_complete,
        version_notes
    )
    SELECT
        :tenant_id,
        item.version_id,
        stored.id,
        0,
        item.version_label,
        item.config,
        item.is_complete,
        item.version_notes
    FROM stored
    INNER JOIN item ON item.id = stored.id
    RETURNING v.id
),

translation AS (
    INSERT INTO library.resource_translations AS t (
        tenant_id,
        version_id,
        language,
        name,
        description,
        details,
        instructions
    )
    SELECT
        :tenant_id,
        version.id,
        given.language,
        given.name,
        given.description,
        given.details,
        given.instructions
    FROM version
    INNER JOIN item ON item.version_id = version.id
    CROSS JOIN
        LATERAL jsonb_to_recordset(item.translations)
            AS given (language text, name text, description text, details text, instructions text)
    RETURNING t.id
)

SELECT
    -- One by one: a join could read the whole table.
    coalesce(
        stored.id,
        (
            SELECT r.id
            FROM library.resources AS r
            WHERE r.tenant_id = :tenant_id
                AND r.public_id = item.public_id
        )
    ) AS id,
    CASE WHEN stored.id = item.id THEN 'done' ELSE 'skipped' END AS outcome
FROM item
LEFT OUTER JOIN stored ON stored.public_id = item.public_id
ORDER BY item.place;
