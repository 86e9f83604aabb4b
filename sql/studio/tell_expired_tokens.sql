-- name: studio.tell_expired_tokens :rowcount
-- A notification, once for each token, when the access token of an active account has expired and nobody has stored
-- another one. Index: social_accounts_expiry.
-- scan: studio.social_accounts: a tenant has few
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: limit     int  = 100
WITH expired AS (
    SELECT a.id
    FROM studio.social_accounts AS a
    WHERE a.tenant_id = :tenant_id
        AND a.is_active
        AND a.token_expires_at <= now()
        AND (a.expiry_told_at IS NULL OR a.expiry_told_at < a.token_expires_at)
    ORDER BY a.token_expires_at, a.id
    LIMIT :limit
    FOR NO KEY UPDATE SKIP LOCKED
),

told AS (
    UPDATE studio.social_accounts AS a
    SET expiry_told_at = now()
    WHERE a.tenant_id = :tenant_id
        AND a.id = any(array(SELECT expired.id FROM expired))
    RETURNING a.id
)

INSERT INTO operations.notifications (tenant_id, type, payload)
SELECT
    :tenant_id,
    'token_expired',
    jsonb_build_object('social_account_id', told.id)
FROM told
ON CONFLICT DO NOTHING;
