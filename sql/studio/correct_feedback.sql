-- name: studio.correct_feedback :maybe
-- Corrects what was reported; with a revision, only the report that has it.
-- row: feedback
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000043'
-- param: views     bigint NULL = NULL
-- param: likes     bigint NULL = NULL
-- param: comments  bigint NULL = NULL
-- param: shares    bigint NULL = NULL
-- param: saves     bigint NULL = NULL
-- param: revision  bigint NULL = NULL
UPDATE studio.performance_feedback AS f
SET
    views = coalesce(:views, f.views),
    likes = coalesce(:likes, f.likes),
    comments = coalesce(:comments, f.comments),
    shares = coalesce(:shares, f.shares),
    saves = coalesce(:saves, f.saves)
WHERE f.tenant_id = :tenant_id
    AND f.id = :id
    AND (:revision::bigint IS NULL OR f.revision = :revision)
RETURNING
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
    f.revision;
