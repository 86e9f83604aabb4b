SET LOCAL lock_timeout = '5s';

DROP TABLE operations.idempotency_keys;
DROP TABLE operations.source_documents;
DROP TABLE operations.notifications;
DROP TABLE operations.jobs;
DELETE FROM operations.status_transitions
WHERE entity = 'operations.jobs';
