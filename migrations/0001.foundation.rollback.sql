SET LOCAL lock_timeout = '5s';

REVOKE SELECT ON public._yoyo_migration FROM app_rw, app_ro;
DROP SCHEMA operations CASCADE;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT EXECUTE ON FUNCTIONS TO public;
