-- name: studio.put_critique :maybe
-- The critique of a concept: the first one, or the one that takes its place; with a revision, only of the one that
-- has it. No row when that has another one, or there is no such concept. Its numbers come from
-- studio.take_feedback().
-- param: tenant_id            uuid        = '00000000-0000-7000-8000-000000000001'
-- param: concept_id           uuid        = '00000000-0000-7000-8000-000000000031'
-- param: feedback_id          uuid        = '00000000-0000-7000-8000-000000000043'
-- param: critique             text        = 'Nobody laughed.'
-- param: hypothesized_reasons text[]      = '{}'
-- param: scoring_issues       text[]      = '{}'
-- param: adjustment_plan      text        = 'Be funnier.'
-- param: confidence           text        = 'low'
-- param: revision             bigint NULL = NULL
WITH present AS (
    SELECT p.id
    FROM studio.self_critiques AS p
    WHERE p.tenant_id = :tenant_id
        AND p.concept_id = :concept_id
        AND p.revision = :revision
    FOR NO KEY UPDATE
)

INSERT INTO studio.self_critiques AS c (
    tenant_id,
    concept_id,
    feedback_id,
    critique,
    hypothesized_reasons,
    scoring_issues,
    adjustment_plan,
    confidence
)
SELECT
    :tenant_id,
    k.id,
    :feedback_id,
    :critique,
    :hypothesized_reasons,
    :scoring_issues,
    :adjustment_plan,
    :confidence
FROM studio.concepts AS k
WHERE k.tenant_id = :tenant_id
    AND k.id = :concept_id
    AND (:revision::bigint IS NULL OR EXISTS (SELECT 1 FROM present))
ON CONFLICT (tenant_id, concept_id) DO UPDATE
    SET
        feedback_id = excluded.feedback_id,
        critique = excluded.critique,
        hypothesized_reasons = excluded.hypothesized_reasons,
        scoring_issues = excluded.scoring_issues,
        adjustment_plan = excluded.adjustment_plan,
        confidence = excluded.confidence
RETURNING c.id;
