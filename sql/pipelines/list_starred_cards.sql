-- name: pipelines.list_starred_cards :page
-- The cards that a user starred, newest first. Index: opportunity_cards_starred.
-- row: pipeline_card
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid = '00000000-0000-7000-8000-000000000002'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
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
    AND c.starred
    AND c.id < :after_id
ORDER BY c.id DESC
LIMIT :limit + 1;
