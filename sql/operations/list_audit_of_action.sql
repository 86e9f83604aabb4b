-- name: operations.list_audit_of_action :page
-- Where something was done, newest first. Each table that the log has, found one after another in the index, brings at
-- most a page in the index's order, before they are merged.
-- Index: events_of_action.
-- row: audit_event
-- scan: operations.events: of all the log only the first entry of the index, to begin with
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: action    text        = 'APPROVE'
-- param: actor     text NULL   = NULL
-- param: key_id    uuid NULL   = NULL
-- param: since     timestamptz = '-infinity'
-- param: until     timestamptz = 'infinity'
-- param: after_id  uuid        = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int         = 30
WITH RECURSIVE known AS (
    SELECT min(e.entity) AS entity
    FROM operations.events AS e
    WHERE e.tenant_id = :tenant_id
    UNION ALL
    SELECT
        (
            SELECT min(e.entity)
            FROM operations.events AS e
            WHERE e.tenant_id = :tenant_id
                AND e.entity > known.entity
        ) AS entity
    FROM known
    WHERE known.entity IS NOT NULL
)

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
FROM known
INNER JOIN LATERAL (
    SELECT
        found.id,
        found.occurred_at,
        found.entity,
        found.entity_id,
        found.revision,
        found.action,
        found.changes,
        found.actor,
        found.key_id,
        found.role,
        found.request_id,
        found.ip
    FROM operations.events AS found
    WHERE found.tenant_id = :tenant_id
        AND found.entity = known.entity
        AND found.action = :action
        AND (:actor::text IS NULL OR found.actor = :actor)
        AND (:key_id::uuid IS NULL OR found.key_id = :key_id)
        AND found.id >= operations.first_id(:since)
        AND found.id < operations.first_id(:until)
        AND found.id < :after_id
    ORDER BY found.id DESC
    LIMIT :limit + 1
) AS e ON true
WHERE e.id < :after_id
ORDER BY e.id DESC
LIMIT :limit + 1;
