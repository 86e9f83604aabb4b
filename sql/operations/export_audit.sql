-- name: operations.export_audit :many
-- What happened in a time, in its order, to be kept elsewhere: read to its end, whatever is asked for.
-- Index: the primary key.
-- row: audit_event
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: entity    text NULL   = NULL
-- param: entity_id uuid NULL   = NULL
-- param: actor     text NULL   = NULL
-- param: action    text NULL   = NULL
-- param: key_id    uuid NULL   = NULL
-- param: since     timestamptz = '2026-01-01'
-- param: until     timestamptz = '2026-02-01'
SELECT
    e.id,
    e.occurred_at,
    e.entity,
    e.entity_id,
    e.revision,
    e.action,
    e.changes,
    e.actor,
    e.key_id,
    e.role,
    e.request_id,
    e.ip
FROM operations.events AS e
WHERE e.tenant_id = :tenant_id
    AND (:entity::text IS NULL OR e.entity = :entity)
    AND (:actor::text IS NULL OR e.actor = :actor)
    AND (:action::text IS NULL OR e.action = :action)
    AND (:key_id::uuid IS NULL OR e.key_id = :key_id)
    AND (:entity_id::uuid IS NULL OR e.entity_id = :entity_id)
    AND e.id >= operations.first_id(:since)
    AND e.id < operations.first_id(:until)
ORDER BY e.id;
