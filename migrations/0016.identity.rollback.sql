COMMENT ON COLUMN operations.idempotency_keys.caller IS 'The key or user that sent the request.';
ALTER TABLE identity.api_keys DROP COLUMN family_id;
