-- name: operations.list_audit_of_entity :page
-- What happened to the rows of a table, newest first. Each action that the log has of the table, found one after
-- another in the index, brings at most a page in the index's order, before they are merged.
-- Index: events_of_action.
-- row: audit_event
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: entity    text        = 'drafts.drafts'
-- param: actor     text NULL   = NULL
-- param: action    text NULL   = NULL
-- param: key_id    uuid NULL   = NULL
-- param: since     timestamptz = '-infinity'
-- param: until     timestamptz = 'infinity'
-- param: after_id  uuid        = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int         = 30
WITH RECURSIVE known AS (
    SELECT min(e.action) AS action
    FROM operations.events AS e
    WHERE e.tenant_id = :tenant_id
        AND e.entity = :entity
    UNION ALL
    SELECT
        (
            SELECT min(e.action)
            FROM operations.events AS e
            WHERE e.tenant_id = :tenant_id
                AND e.entity = :entity
                AND e.action > known.action
        ) AS action
    FROM known
    WHERE known.action IS NOT NULL
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
        AND found.entity = :entity
        AND found.action = known.action
        AND (:actor::text IS NULL OR found.actor = :actor)
        AND (:key_id::uuid IS NULL OR found.key_id = :key_id)
        AND found.id >= operations.first_id(:since)
        AND found.id < operations.first_id(:until)
        AND found.id < :after_id
    ORDER BY found.id DESC
    LIMIT :limit + 1
) AS e ON true
WHERE (:action::text IS NULL OR known.action = :action)
    AND e.id < :after_id
ORDER BY e.id DESC
LIMIT :limit + 1;
