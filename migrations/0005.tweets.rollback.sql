SET LOCAL lock_timeout = '5s';

DROP SCHEMA tweets CASCADE;
DELETE FROM operations.status_transitions
WHERE entity LIKE 'tweets.%';
