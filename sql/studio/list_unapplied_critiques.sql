-- name: studio.list_unapplied_critiques :page
-- Critiques of which no adjustment was made, newest first. Index: self_critiques_unapplied.
-- row: critique
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
-- not null: category, platform, predicted_score, engagement_rate, actual_score, gap, direction, is_outdated
SELECT
    c.id,
    c.concept_id,
    c.feedback_id,
    c.category,
    c.platform,
    c.predicted_score,
    c.engagement_rate,
    c.actual_score,
    c.gap,
    c.gap_percent,
    c.direction,
    c.critique,
    c.hypothesized_reasons,
    c.scoring_issues,
    c.adjustment_plan,
    c.confidence,
    c.applied_at,
    (
        SELECT
            o.revision <> c.feedback_revision OR EXISTS (
                SELECT
                FROM studio.performance_feedback AS f
                WHERE f.tenant_id = :tenant_id
                    AND f.concept_id = c.concept_id
                    AND f.platform = c.platform
                    AND f.reported_at > o.reported_at
            )
        FROM studio.performance_feedback AS o
        WHERE o.tenant_id = :tenant_id
            AND o.id = c.feedback_id
    ) AS is_outdated,
    c.created_at,
    c.updated_at,
    c.revision
FROM studio.self_critiques AS c
WHERE c.tenant_id = :tenant_id
    AND c.applied_at IS NULL
    AND c.id < :after_id
ORDER BY c.id DESC
LIMIT :limit + 1;
