SET LOCAL lock_timeout = '5s';

DROP SCHEMA studio CASCADE;
DELETE FROM operations.status_transitions
WHERE entity LIKE 'studio.%';
