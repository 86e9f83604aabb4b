-- name: pipelines.get_card :one
-- A card of the user.
-- row: pipeline_card, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid = '00000000-0000-7000-8000-000000000002'
-- param: id        uuid = '00000000-0000-7000-8000-000000000022'
SELECT
    c.id,
    c.run_id,
    c.number,
    c.title,
    c.tagline,
    c.problem,
    c.solution,
    c.why_now,
    c.target_segment,
    c.quick_win,
    c.starred,
    c.created_at,
    c.updated_at,
    c.revision
FROM pipelines.opportunity_cards AS c
WHERE c.tenant_id = :tenant_id
    AND c.user_id = :user_id
    AND c.id = :id;
