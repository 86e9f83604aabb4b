-- transactional: false

DROP INDEX CONCURRENTLY IF EXISTS operations.events_entity;
DROP INDEX CONCURRENTLY IF EXISTS operations.events_action;
DROP INDEX CONCURRENTLY IF EXISTS operations.events_actor;
DROP INDEX CONCURRENTLY IF EXISTS operations.events_occurred;
