-- name: studio.record_feedback :one
-- How a concept did on a platform. No row when there is no such concept.
-- row: feedback
-- param: tenant_id   uuid             = '00000000-0000-7000-8000-000000000001'
-- param: concept_id  uuid             = '00000000-0000-7000-8000-000000000031'
-- param: platform    text             = 'tiktok'
-- param: variant     text NULL        = NULL
-- param: source      text             = 'manual'
-- param: views       bigint           = 1000
-- param: likes       bigint           = 30
-- param: comments    bigint           = 5
-- param: shares      bigint           = 10
-- param: saves       bigint           = 0
-- param: reported_at timestamptz NULL = NULL
INSERT INTO studio.performance_feedback AS f (
    tenant_id,
    concept_id,
    category,
    platform,
    variant,
    source,
    views,
    likes,
    comments,
    shares,
    saves,
    reported_at
)
SELECT
    :tenant_id,
    c.id,
    c.category,
    :platform,
    :variant,
    :source,
    :views,
    :likes,
    :comments,
    :shares,
    :saves,
    coalesce(:reported_at, now())
FROM studio.concepts AS c
WHERE c.tenant_id = :tenant_id
    AND c.id = :concept_id
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
