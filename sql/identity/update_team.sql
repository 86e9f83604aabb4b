-- name: identity.update_team :maybe
-- Changes what `changes` names; no row when the caller sees no such team, or the revision is another. A trigger holds
-- it to who may.
-- row: team
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000071'
-- param: changes   jsonb       = '{"name": "Support"}'
-- param: revision  bigint NULL = NULL
UPDATE identity.teams AS t
SET
    name = coalesce(:changes::jsonb ->> 'name', t.name),
    handle = CASE WHEN :changes::jsonb ? 'handle' THEN lower(:changes::jsonb ->> 'handle') ELSE t.handle END,
    description = CASE
        WHEN :changes::jsonb ? 'description' THEN :changes::jsonb ->> 'description'
        ELSE t.description
    END,
    is_private = coalesce((:changes::jsonb ->> 'is_private')::boolean, t.is_private),
    is_open_to_new_members = coalesce(
        (:changes::jsonb ->> 'is_open_to_new_members')::boolean,
        t.is_open_to_new_members
    ),
    languages = CASE
        WHEN :changes::jsonb ? 'languages' THEN array(SELECT jsonb_array_elements_text(:changes::jsonb -> 'languages'))
        ELSE t.languages
    END,
    config = coalesce(:changes::jsonb -> 'config', t.config),
    parent_id = CASE
        WHEN :changes::jsonb ? 'parent_id' THEN (:changes::jsonb ->> 'parent_id')::uuid
        ELSE t.parent_id
    END
WHERE t.tenant_id = :tenant_id
    AND t.id = :id
    AND (:revision::bigint IS NULL OR t.revision = :revision)
RETURNING
    t.id,
    t.public_id,
    t.name,
    t.handle,
    t.description,
    t.is_private,
    t.is_open_to_new_members,
    t.languages,
    t.config,
    t.parent_id,
    t.created_by_id,
    t.member_count,
    t.admin_count,
    t.created_at,
    t.updated_at,
    t.revision;
