-- The audit: the event log by time, by who did it, by what was done and to which table.
-- Beside what goes on: nobody waits for an index that is built concurrently, so it may take its time.
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction, require-lock-timeout, require-statement-timeout
-- transactional: false
-- depends: 0011.tweets

CREATE INDEX CONCURRENTLY IF NOT EXISTS events_occurred
ON operations.events (tenant_id, occurred_at, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS events_actor
ON operations.events (tenant_id, actor, occurred_at, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS events_action
ON operations.events (tenant_id, action, occurred_at, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS events_entity
ON operations.events (tenant_id, entity, occurred_at, id);
