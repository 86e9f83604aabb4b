SET LOCAL lock_timeout = '5s';

DROP SCHEMA inbox CASCADE;
DELETE FROM operations.status_transitions
WHERE entity LIKE 'inbox.%';
