-- name: studio.list_social_accounts :page
-- Accounts of a tenant, newest first.
-- Index: the primary key.
-- row: social_account
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
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
    AND a.id < :after_id
ORDER BY a.id DESC
LIMIT :limit + 1;
