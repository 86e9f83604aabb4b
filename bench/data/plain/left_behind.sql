-- What writes since a moment left in the audit, which the application writes, but for the ids.
SELECT
    entity_type AS entity,
    action
FROM audit_events
WHERE created_at >= date_trunc('milliseconds', %s::timestamptz AT TIME ZONE 'UTC')
ORDER BY created_at
