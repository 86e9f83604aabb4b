-- name: studio.list_social_accounts_to_refresh :page
-- Active accounts whose access token expires within 5 minutes, or has, the most urgent first.
-- Index: social_accounts_expiry.
-- row: social_account
-- param: tenant_id              uuid        = '00000000-0000-7000-8000-000000000001'
-- param: after_token_expires_at timestamptz = '-infinity'
-- param: after_id               uuid        = '00000000-0000-0000-0000-000000000000'
-- param: limit                  int         = 30
-- not null: used_today, has_refresh_token
SELECT
    a.id,
    a.platform,
    a.username,
    a.niche,
    a.is_active,
    a.daily_limit,
    a.min_distance_minutes,
    CASE WHEN a.used_on = (now() AT TIME ZONE 'UTC')::date THEN a.used_today ELSE 0 END AS used_today,
    a.refresh_token IS NOT NULL AS has_refresh_token,
    a.token_expires_at,
    a.metadata,
    a.created_at,
    a.updated_at,
    a.revision
FROM studio.social_accounts AS a
WHERE a.tenant_id = :tenant_id
    AND a.is_active
    AND a.token_expires_at <= now() + interval '5 minutes'
    AND (a.token_expires_at, a.id) > (:after_token_expires_at, :after_id)
ORDER BY a.token_expires_at, a.id
LIMIT :limit + 1;
