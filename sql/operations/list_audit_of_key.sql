-- name: operations.list_audit_of_key :page
-- What was done with an API key, by the service itself or for a user, newest first.
-- Index: events_of_key.
-- row: audit_event
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: key_id    uuid        = '00000000-0000-7000-8000-000000000003'
-- param: entity    text NULL   = NULL
-- param: actor     text NULL   = NULL
-- param: action    text NULL   = NULL
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
    AND e.key_id = :key_id
    AND (:entity::text IS NULL OR e.entity = :entity)
    AND (:actor::text IS NULL OR e.actor = :actor)
    AND (:action::text IS NULL OR e.action = :action)
    AND e.id >= operations.first_id(:since)
    AND e.id < operations.first_id(:until)
    AND e.id < :after_id
ORDER BY e.id DESC
LIMIT :limit + 1;
