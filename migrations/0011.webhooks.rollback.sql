SET LOCAL lock_timeout = '5s';

DROP SCHEMA webhooks CASCADE;
DELETE FROM operations.status_transitions
WHERE entity LIKE 'webhooks.%';
