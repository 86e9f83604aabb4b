SET LOCAL lock_timeout = '5s';

-- First, for its lock: no key with one of the scopes slips in between.
ALTER TABLE identity.api_keys DROP CONSTRAINT api_keys_scopes_check;
-- A key for nothing else is revoked. It must hold a scope, and holds one that it cannot use any more.
UPDATE identity.api_keys
SET
    scopes = '{sources:read}',
    revoked_at = coalesce(revoked_at, now())
WHERE scopes <@ ARRAY[
        'prompts:read', 'prompts:write', 'models:read', 'models:write',
        'quota:read', 'quota:use', 'quota:write',
        'tweets:read', 'tweets:write', 'episodes:read', 'episodes:write'
    ];
UPDATE identity.api_keys
SET
    scopes = array(
        SELECT scope
        FROM unnest(scopes) AS scope
        WHERE scope <> all(ARRAY[
                'prompts:read', 'prompts:write', 'models:read', 'models:write',
                'quota:read', 'quota:use', 'quota:write',
                'tweets:read', 'tweets:write', 'episodes:read', 'episodes:write'
            ])
    )
WHERE scopes && ARRAY[
        'prompts:read', 'prompts:write', 'models:read', 'models:write',
        'quota:read', 'quota:use', 'quota:write',
        'tweets:read', 'tweets:write', 'episodes:read', 'episodes:write'
    ];
ALTER TABLE identity.api_keys
ADD CONSTRAINT api_keys_scopes_check CHECK (
    cardinality(scopes) > 0
    AND scopes <@ ARRAY[
        'tenants:create', 'identity:read', 'identity:write', 'users:act',
        'intake:write', 'inbox:read', 'inbox:write',
        'drafts:read', 'drafts:write', 'drafts:decide', 'drafts:deliver', 'drafts:export',
        'jobs:read', 'jobs:write', 'jobs:work', 'events:read',
        'notifications:read', 'notifications:write', 'sources:read', 'sources:write',
        'catalogue:read', 'catalogue:try'
    ]
);
COMMENT ON CONSTRAINT api_keys_scopes_check ON identity.api_keys IS
'scopes: must hold one or more known scopes';

ALTER DEFAULT PRIVILEGES IN SCHEMA models, tweets
REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM app_rw;
ALTER DEFAULT PRIVILEGES IN SCHEMA models, tweets
REVOKE SELECT ON TABLES FROM app_ro;
DROP SCHEMA tweets;
DROP SCHEMA models;
