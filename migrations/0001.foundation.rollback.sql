SET LOCAL lock_timeout = '5s';

REVOKE SELECT ON public._yoyo_migration FROM app_rw;
DROP TABLE operations.applied_migrations;
DROP FUNCTION operations.record_event();
DROP FUNCTION operations.current_epoch();
DROP TABLE operations.epochs;
DROP FUNCTION operations.check_transition();
DROP TABLE operations.status_transitions;
DROP FUNCTION operations.touch();
DROP FUNCTION operations.new_id();
ALTER DEFAULT PRIVILEGES IN SCHEMA identity, inbox, drafts, operations
REVOKE SELECT ON TABLES FROM app_ro;
ALTER DEFAULT PRIVILEGES IN SCHEMA identity, inbox, drafts, operations
REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM app_rw;
DROP SCHEMA operations;
DROP SCHEMA drafts;
DROP SCHEMA inbox;
DROP SCHEMA identity;
