-- name: studio.list_adjustments_by_category :page
-- Scoring adjustments of a category, the latest first. Index: scoring_adjustments_category.
-- row: adjustment
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: category  text = 'tech'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    a.id,
    a.critique_id,
    a.reverts_id,
    a.category,
    a.platform,
    a.type,
    a.old_value,
    a.new_value,
    a.reason,
    a.applied_at
FROM studio.scoring_adjustments AS a
WHERE a.tenant_id = :tenant_id
    AND a.category = :category
    AND a.id < :after_id
ORDER BY a.id DESC
LIMIT :limit + 1;
