SET LOCAL lock_timeout = '5s';

DROP SCHEMA pipelines CASCADE;
DELETE FROM operations.status_transitions
WHERE entity LIKE 'pipelines.%';
