-- name: webhooks.update_endpoint :maybe
-- Changes what `changes` names; no row when there is no such endpoint, or the revision is another.
-- row: webhook_endpoint
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000091'
-- param: changes   jsonb       = '{"entities": null}'
-- param: revision  bigint NULL = NULL
WITH given AS (
    SELECT
        array(SELECT jsonb_array_elements_text(coalesce(:changes::jsonb -> 'types', '[]'))) AS types,
        array(
            SELECT jsonb_array_elements_text(coalesce(nullif(:changes::jsonb -> 'entities', 'null'), '[]'))
        ) AS entities
)

UPDATE webhooks.endpoints AS e
SET
    url = coalesce(:changes::jsonb ->> 'url', e.url),
    description = CASE
        WHEN :changes::jsonb ? 'description' THEN :changes::jsonb ->> 'description'
        ELSE e.description
    END,
    types = CASE WHEN :changes::jsonb ? 'types' THEN given.types ELSE e.types END,
    entities = CASE WHEN :changes::jsonb ? 'entities' THEN nullif(given.entities, '{}') ELSE e.entities END
FROM given
WHERE e.tenant_id = :tenant_id
    AND e.id = :id
    AND (:revision::bigint IS NULL OR e.revision = :revision)
RETURNING
    e.id,
    e.url,
    e.description,
    e.types,
    e.entities,
    e.status,
    e.disabled_reason,
    e.failing_since,
    e.previous_expires_at,
    e.created_at,
    e.updated_at,
    e.revision;
