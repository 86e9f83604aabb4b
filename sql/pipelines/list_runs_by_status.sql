-- name: pipelines.list_runs_by_status :page
-- A user's runs of one status, newest first, with how many cards each has. Index: runs_status.
-- row: pipeline_run_item
-- param: tenant_id        uuid        = '00000000-0000-7000-8000-000000000001'
-- param: user_id          uuid        = '00000000-0000-7000-8000-000000000002'
-- param: status           text        = 'completed'
-- param: after_created_at timestamptz = 'infinity'
-- param: after_id         uuid        = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit            int         = 30
-- not null: card_count
SELECT
    r.id,
    r.document_name,
    r.created_at,
    r.status,
    (
        SELECT count(*)
        FROM pipelines.opportunity_cards AS c
        WHERE c.tenant_id = :tenant_id
            AND c.user_id = :user_id
            AND c.run_id = r.id
    ) AS card_count
FROM pipelines.runs AS r
WHERE r.tenant_id = :tenant_id
    AND r.user_id = :user_id
    AND r.status = :status
    AND (r.created_at, r.id) < (:after_created_at, :after_id)
ORDER BY r.created_at DESC, r.id DESC
LIMIT :limit + 1;
