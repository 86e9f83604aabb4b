-- name: studio.list_feedback_by_category :page
-- How concepts of a category did, the latest report first. Index: performance_feedback_category.
-- row: feedback
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: category  text = 'tech'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    f.id,
    f.concept_id,
    f.category,
    f.platform,
    f.variant,
    f.source,
    f.views,
    f.likes,
    f.comments,
    f.shares,
    f.saves,
    f.engagement_rate,
    f.reported_at,
    f.created_at,
    f.updated_at,
    f.revision
FROM studio.performance_feedback AS f
WHERE f.tenant_id = :tenant_id
    AND f.category = :category
    AND f.id < :after_id
ORDER BY f.id DESC
LIMIT :limit + 1;
