SET LOCAL lock_timeout = '5s';

DROP TABLE identity.api_keys;
DROP TABLE identity.users;
DROP TABLE operations.events;
DROP FUNCTION operations.refuse_change();
DROP TABLE identity.tenants;
