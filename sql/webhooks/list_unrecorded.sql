-- name: webhooks.list_unrecorded :many
-- Which of these tables have no events, by their places in the list, from 0: nothing would ever be sent of them.
-- param: entities text[] = '{drafts.drafts,nope.nope}'
-- not null: place
SELECT e.place - 1 AS place
FROM unnest(:entities::text []) WITH ORDINALITY AS e (entity, place)
WHERE NOT webhooks.is_recorded(e.entity)
ORDER BY e.place;
