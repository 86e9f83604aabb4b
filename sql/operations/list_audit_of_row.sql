-- name: operations.list_audit_of_row :page
-- What happened to one row, newest first; one row has few events.
-- Index: events_of_row.
-- row: audit_event
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: entity    text        = 'drafts.drafts'
-- param: entity_id uuid        = '00000000-0000-7000-8000-000000000007'
-- param: actor     text NULL   = NULL
-- param: action    text NULL   = NULL
-- param: key_id    uuid NULL   = NULL
-- param: since     timestamptz = '-infinity'
-- param: until     timestamptz = 'infinity'
-- param: after_id  uuid        = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int         = 30
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
    AND e.entity = :entity
    AND e.entity_id = :entity_id
    AND (:actor::text IS NULL OR e.actor = :actor)
    AND (:action::text IS NULL OR e.action = :action)
    AND (:key_id::uuid IS NULL OR e.key_id = :key_id)
    AND e.id >= operations.first_id(:since)
    AND e.id < operations.first_id(:until)
    AND e.id < :after_id
ORDER BY e.id DESC
LIMIT :limit + 1;
