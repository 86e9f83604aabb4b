SET LOCAL lock_timeout = '5s';

-- A tenant takes its log with it.
TRUNCATE operations.events;
DROP SCHEMA identity CASCADE;
