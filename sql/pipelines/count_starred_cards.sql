-- name: pipelines.count_starred_cards :one
-- How many cards a user starred. Index: opportunity_cards_starred.
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: user_id   uuid = '00000000-0000-7000-8000-000000000002'
-- not null: starred
SELECT count(*) AS starred
FROM pipelines.opportunity_cards AS c
WHERE c.tenant_id = :tenant_id
    AND c.user_id = :user_id
    AND c.starred;
