-- name: drafts.list_learning_samples :page
-- What people corrected, in an order in which nothing can appear later before what was read: by the writing
-- transaction, and only below the oldest one that is still running.
-- Index: learning_samples_order.
-- scan: operations.epochs: a row per restore or failover
-- replica: a correction that comes a little later is learned from a little later
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_epoch int  = 0
-- param: after_xid   xid8 = '0'
-- param: after_id    uuid = '00000000-0000-0000-0000-000000000000'
-- param: limit       int  = 30
SELECT
    s.id,
    s.epoch,
    s.xid,
    s.draft_id,
    s.action_id,
    s.model_key,
    s.prompt_version,
    s.suggested_text,
    s.final_text,
    s.diff,
    s.edit_distance,
    s.embeddings,
    s.created_at
FROM drafts.learning_samples AS s
WHERE s.tenant_id = :tenant_id
    AND (s.epoch, s.xid, s.id) > (:after_epoch, :after_xid, :after_id)
    AND (
        s.xid < pg_snapshot_xmin(pg_current_snapshot())
        OR s.epoch < (SELECT max(present.epoch) FROM operations.epochs AS present)
    )
ORDER BY s.epoch, s.xid, s.id
LIMIT :limit + 1;
