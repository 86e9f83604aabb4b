-- name: studio.list_audio_trends_by_platform :page
-- Sounds that spread on a platform, the strongest first. Index: audio_trends_platform_score.
-- row: audio_trend
-- param: tenant_id         uuid             = '00000000-0000-7000-8000-000000000001'
-- param: platform          text             = 'tiktok'
-- param: after_trend_score double precision = 'infinity'
-- param: after_id          uuid             = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit             int              = 30
SELECT
    t.id,
    t.platform,
    t.sound_id,
    t.sound_name,
    t.artist_name,
    t.usage_count,
    t.trend_score,
    t.category,
    t.is_active,
    t.last_seen_at,
    t.created_at,
    t.updated_at,
    t.revision
FROM studio.audio_trends AS t
WHERE t.tenant_id = :tenant_id
    AND t.platform = :platform
    AND t.is_active
    AND (t.trend_score, t.id) < (:after_trend_score, :after_id)
ORDER BY t.trend_score DESC, t.id DESC
LIMIT :limit + 1;
