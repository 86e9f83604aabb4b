-- name: studio.replace_tokens :maybe
-- Stores tokens that the platform gave anew; the refresh token stays unless there is another one. No row when there is
-- no such account, or the revision is another.
-- row: social_account
-- param: tenant_id        uuid             = '00000000-0000-7000-8000-000000000001'
-- param: id               uuid             = '00000000-0000-7000-8000-000000000034'
-- param: access_token     bytea            = decode(repeat('00', 40), 'hex')
-- param: refresh_token    bytea NULL       = NULL
-- param: token_expires_at timestamptz NULL = NULL
-- param: revision         bigint NULL      = NULL
-- not null: used_today, has_refresh_token
WITH account AS (
    UPDATE studio.social_accounts AS a
    SET
        access_token = :access_token,
        refresh_token = coalesce(:refresh_token, a.refresh_token),
        token_expires_at = :token_expires_at
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
