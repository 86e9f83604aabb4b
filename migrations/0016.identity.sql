-- What a key and those that it was rotated to have in common: an Idempotency-Key holds for all of them.
-- depends: 0015.operations

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Each key that is there begins a family of its own: the table is small, so it may be written anew.
-- squawk-ignore adding-field-with-default
ALTER TABLE identity.api_keys ADD COLUMN family_id uuid NOT NULL DEFAULT operations.new_id();

COMMENT ON COLUMN identity.api_keys.family_id IS
'The same for a key and all that it was rotated to: they share their Idempotency-Keys.';
COMMENT ON COLUMN operations.idempotency_keys.caller IS
'Who sent the request: a user, an API key''s family, or both.';
