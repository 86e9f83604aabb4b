-- The areas models and tweets: their schemas, and the scopes for API keys.
-- depends: 0007.catalogue

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA models;
CREATE SCHEMA tweets;

COMMENT ON SCHEMA models IS 'What models are told, did and cost: prompts, model runs, quota.';
COMMENT ON SCHEMA tweets IS 'The reply desk: episodes, their ingestion, and the tweets to reply to.';

GRANT USAGE ON SCHEMA models, tweets TO app_rw, app_ro;

ALTER DEFAULT PRIVILEGES IN SCHEMA models, tweets
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app_rw;
ALTER DEFAULT PRIVILEGES IN SCHEMA models, tweets
GRANT SELECT ON TABLES TO app_ro;

-- Last, for it keeps others out of the table until the commit. Every key that satisfied the shorter list satisfies
-- the longer one, and a tenant has few keys: to check them again is quick.
ALTER TABLE identity.api_keys
-- squawk-ignore ban-drop-constraint
DROP CONSTRAINT api_keys_scopes_check,
-- squawk-ignore constraint-missing-not-valid
ADD CONSTRAINT api_keys_scopes_check CHECK (
    cardinality(scopes) > 0
    AND scopes <@ ARRAY[
        'tenants:create', 'identity:read', 'identity:write', 'users:act',
        'intake:write', 'inbox:read', 'inbox:write',
        'drafts:read', 'drafts:write', 'drafts:decide', 'drafts:deliver', 'drafts:export',
        'jobs:read', 'jobs:write', 'jobs:work', 'events:read',
        'notifications:read', 'notifications:write', 'sources:read', 'sources:write',
        'catalogue:read', 'catalogue:try',
        'prompts:read', 'prompts:write', 'models:read', 'models:write',
        'quota:read', 'quota:use', 'quota:write',
        'tweets:read', 'tweets:write', 'episodes:read', 'episodes:write'
    ]
);
COMMENT ON CONSTRAINT api_keys_scopes_check ON identity.api_keys IS
'scopes: must hold one or more known scopes';
