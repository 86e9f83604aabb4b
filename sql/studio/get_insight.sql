-- name: studio.get_insight :one
-- One insight.
-- row: insight, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000045'
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
    AND i.id = :id;
