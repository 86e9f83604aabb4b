-- After roles.sql, for compose.yaml only: psql takes the passwords from the environment and quotes them.

\getenv app_owner_password APP_OWNER_PASSWORD
\getenv app_rw_password APP_RW_PASSWORD
\getenv app_ro_password APP_RO_PASSWORD

ALTER ROLE app_owner PASSWORD :'app_owner_password';
ALTER ROLE app_rw PASSWORD :'app_rw_password';
ALTER ROLE app_ro PASSWORD :'app_ro_password';

CREATE DATABASE draftroom OWNER app_owner;

\connect draftroom
\i /setup/database.sql
