-- name: studio.list_competitor_videos_by_category :page
-- Videos of others in a category, the most engaging first. Index: competitor_videos_category_engagement.
-- row: competitor_video
-- param: tenant_id             uuid             = '00000000-0000-7000-8000-000000000001'
-- param: category              text             = 'tech'
-- param: after_engagement_rate double precision = 'infinity'
-- param: after_id              uuid             = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit                 int              = 30
SELECT
    v.id,
    v.platform,
    v.external_id,
    v.creator_username,
    v.category,
    v.title,
    v.views,
    v.likes,
    v.comments,
    v.engagement_rate,
    v.duration_seconds,
    v.hashtags,
    v.sound_id,
    v.hook_text,
    v.published_at,
    v.scraped_at,
    v.created_at,
    v.updated_at,
    v.revision
FROM studio.competitor_videos AS v
WHERE v.tenant_id = :tenant_id
    AND v.category = :category
    AND (v.engagement_rate, v.id) < (:after_engagement_rate, :after_id)
ORDER BY v.engagement_rate DESC, v.id DESC
LIMIT :limit + 1;
