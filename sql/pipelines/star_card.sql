-- name: pipelines.star_card :one
-- Stars a card of the user, or takes the star away: what is wanted, not the opposite of what is, so that two clicks do
-- not race.
-- row: pipeline_card
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid    = '00000000-0000-7000-8000-000000000002'
-- param: id        uuid    = '00000000-0000-7000-8000-000000000022'
-- param: starred   boolean = true
UPDATE pipelines.opportunity_cards AS c
SET starred = :starred
WHERE c.tenant_id = :tenant_id
    AND c.user_id = :user_id
    AND c.id = :id
RETURNING
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
    c.revision;
