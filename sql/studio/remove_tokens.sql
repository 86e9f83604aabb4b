-- name: studio.remove_tokens :maybe
-- Takes an account's tokens away, with which it ends to be active. No row when the revision is another.
-- row: social_account
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000034'
-- param: revision  bigint NULL = NULL
-- not null: used_today, has_refresh_token
WITH account AS (
    UPDATE studio.social_accounts AS a
    SET
        access_token = NULL,
        refresh_token = NULL,
        token_expires_at = NULL,
        is_active = false
    WHERE a.tenant_id = :tenant_id
        AND a.id = :id
        AND (:revision::bigint IS NULL OR a.revision = :revision)
    RETURNING
        a.id,
        a.platform,
        a.username,
        a.niche,
        a.is_active,
        a.daily_limit,
        a.min_distance_minutes,
        a.used_on,
        a.used_today,
        a.refresh_token IS NOT NULL AS has_refresh_token,
        a.token_expires_at,
        a.metadata,
        a.created_at,
        a.updated_at,
        a.revision
)

SELECT
    account.id,
    account.platform,
    account.username,
    account.niche,
    account.is_active,
    account.daily_limit,
    account.min_distance_minutes,
    CASE WHEN account.used_on = (now() AT TIME ZONE 'UTC')::date THEN account.used_today ELSE 0 END AS used_today,
    account.has_refresh_token,
    account.token_expires_at,
    account.metadata,
    account.created_at,
    account.updated_at,
    account.revision
FROM account;
