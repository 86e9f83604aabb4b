SET LOCAL lock_timeout = '5s';

DROP FUNCTION operations.statement_statistics();
DROP TABLE operations.idempotency_keys;
DROP TABLE operations.source_documents;
DROP FUNCTION operations.record_source_documents();
DROP TABLE operations.notifications;
DROP FUNCTION operations.record_notifications();
DROP TABLE operations.jobs;
DELETE FROM operations.status_transitions
WHERE entity = 'operations.jobs';
