-- What writes after bench.since left in the audit, which the application writes, but for the ids.
SELECT
    entity_type AS entity,
    action
FROM audit_events
WHERE created_at >= date_trunc('milliseconds', current_setting('bench.since')::timestamptz AT TIME ZONE 'UTC')
ORDER BY created_at
