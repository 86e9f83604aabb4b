-- name: studio.list_insights_of_pattern :page
-- Insights of a pattern, newest first: at most one of each category and platform. Index:
-- reflexion_insights_pattern_key.
-- row: insight
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: pattern   text = 'pattern 12'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
SELECT
    i.id,
    i.category,
    i.platform,
    i.pattern,
    i.evidence_count,
    i.is_recommended,
    i.impact,
    i.recommendation,
    i.applied_to_scoring,
    i.last_seen_at,
    i.created_at,
    i.updated_at,
    i.revision
FROM studio.reflexion_insights AS i
WHERE i.tenant_id = :tenant_id
    AND i.pattern_hash = studio.pattern_hash(:pattern)
    AND i.id < :after_id
ORDER BY i.id DESC
LIMIT :limit + 1;
