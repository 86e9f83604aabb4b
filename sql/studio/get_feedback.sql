-- name: studio.get_feedback :one
-- One report of how a concept did.
-- row: feedback, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000043'
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
    AND f.id = :id;
