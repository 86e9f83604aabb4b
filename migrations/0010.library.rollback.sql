SET LOCAL lock_timeout = '5s';

DROP SCHEMA library CASCADE;
DELETE FROM operations.status_transitions
WHERE entity LIKE 'library.%';
