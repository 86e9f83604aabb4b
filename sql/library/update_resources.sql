-- name: library.update_resources :many
-- Changes many resources at once, each as its `changes` name it, and tells their new revisions, in their order. After
-- library.lock_resources, in the same transaction: all of them are there, have the revision, and stay so.
-- Index: the primary key.
-- param: tenant_id uuid  = '00000000-0000-7000-8000-000000000001'
-- param: updates   jsonb = '[{"id": "00000000-0000-7000-8000-000000000041", "revision": 1, "changes": {"score": 1}}]'
-- not null: id, revision
WITH item AS MATERIALIZED (
    SELECT
        listed.place,
        given.id,
        given.revision,
        given.changes
    FROM jsonb_array_elements(:updates::jsonb) WITH ORDINALITY AS listed (updated, place)
    CROSS JOIN LATERAL jsonb_to_record(listed.updated) AS given (id uuid, revision bigint, changes jsonb)
),

updated AS (
    UPDATE library.resources AS r
    SET
        is_private = coalesce((item.changes ->> 'is_private')::boolean, r.is_private),
        owned_by_user_id = CASE
            WHEN item.changes ? 'owned_by_user_id' THEN (item.changes ->> 'owned_by_user_id')::uuid
            ELSE r.owned_by_user_id
        END,
        owned_by_team_id = CASE
            WHEN item.changes ? 'owned_by_team_id' THEN (item.changes ->> 'owned_by_team_id')::uuid
            ELSE r.owned_by_team_id
        END,
        score = coalesce((item.changes ->> 'score')::integer, r.score)
    FROM item
    WHERE r.tenant_id = :tenant_id
        AND r.id = any(array(SELECT i.id FROM item AS i))
        AND r.id = item.id
        AND r.revision = item.revision
        AND r.deleted_at IS NULL
    RETURNING
        r.id,
        r.revision
)

SELECT
    updated.id,
    updated.revision
FROM item
INNER JOIN updated ON updated.id = item.id
ORDER BY item.place;
