-- name: studio.update_insight :maybe
-- Changes what is made of an insight; with a revision, only of the one that has it.
-- row: insight
-- param: tenant_id          uuid         = '00000000-0000-7000-8000-000000000001'
-- param: id                 uuid         = '00000000-0000-7000-8000-000000000045'
-- param: impact             text NULL    = NULL
-- param: recommendation     text NULL    = NULL
-- param: applied_to_scoring boolean NULL = true
-- param: revision           bigint NULL  = NULL
UPDATE studio.reflexion_insights AS i
SET
    impact = coalesce(:impact, i.impact),
    recommendation = coalesce(:recommendation, i.recommendation),
    applied_to_scoring = coalesce(:applied_to_scoring, i.applied_to_scoring)
WHERE i.tenant_id = :tenant_id
    AND i.id = :id
    AND (:revision::bigint IS NULL OR i.revision = :revision)
RETURNING
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
    i.revision;
