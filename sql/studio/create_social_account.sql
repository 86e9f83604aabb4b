-- name: studio.create_social_account :one
-- An account with its tokens. Its id comes first: they are encrypted for it.
-- row: social_account
-- param: tenant_id            uuid             = '00000000-0000-7000-8000-000000000001'
-- param: id                   uuid             = '00000000-0000-7000-8000-000000000036'
-- param: platform             text             = 'tiktok'
-- param: username             text             = 'crumbs'
-- param: access_token         bytea            = decode(repeat('00', 40), 'hex')
-- param: refresh_token        bytea NULL       = NULL
-- param: token_expires_at     timestamptz NULL = NULL
-- param: niche                text NULL        = 'tech'
-- param: daily_limit          int              = 10
-- param: min_distance_minutes int              = 15
-- param: metadata             jsonb            = '{}'
-- not null: used_today, has_refresh_token
WITH account AS (
    INSERT INTO studio.social_accounts AS a (
        tenant_id,
        id,
        platform,
        username,
        access_token,
        refresh_token,
        token_expires_at,
        niche,
        daily_limit,
        min_distance_minutes,
        metadata
    )
    VALUES (
        :tenant_id,
        :id,
        :platform,
        :username,
        :access_token,
        :refresh_token,
        :token_expires_at,
        :niche,
        :daily_limit,
        :min_distance_minutes,
        :metadata
    )
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
