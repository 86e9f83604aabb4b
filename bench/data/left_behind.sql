-- What writes after bench.since left in the event log, but for the ids. Whose event it is differs: only Draftroom says.
SELECT
    e.entity,
    e.action = 'DELETE' AS deleted,
    array_agg(k.name ORDER BY k.name) AS changed
FROM operations.events AS e
CROSS JOIN LATERAL jsonb_object_keys(e.changes) AS k (name)
WHERE e.occurred_at > current_setting('bench.since')::timestamptz
GROUP BY e.id, e.entity, e.action
ORDER BY e.entity, changed
