-- name: drafts.start_of_learning_samples :one
-- Where the learning samples since a time begin, by default those of the last 24 hours: at the first of them in the
-- order of their transactions, or else where the list ends now. What is not there yet comes after it.
-- Index: learning_samples_created.
-- scan: operations.epochs: a row per restore or failover
-- replica: the list that begins there may come from one, too
-- param: tenant_id uuid             = '00000000-0000-7000-8000-000000000001'
-- param: since     timestamptz NULL = NULL
-- not null: epoch, xid, id
-- Materialized, for the order of the result would lead the planner through the index of all samples.
WITH recent AS MATERIALIZED (
    SELECT
        s.epoch,
        s.xid
    FROM drafts.learning_samples AS s
    WHERE s.tenant_id = :tenant_id
        -- Not coalesce(), which row-level security would keep out of the index's condition.
        AND s.created_at >= CASE
            WHEN :since::timestamptz IS NULL THEN now() - interval '24 hours'
            ELSE :since::timestamptz
        END
)

SELECT
    p.epoch,
    p.xid,
    '00000000-0000-0000-0000-000000000000'::uuid AS id
FROM (
    SELECT
        recent.epoch,
        recent.xid
    FROM recent
    UNION ALL
    SELECT
        (SELECT max(present.epoch) FROM operations.epochs AS present) AS epoch,
        pg_snapshot_xmin(pg_current_snapshot()) AS xid
) AS p
ORDER BY p.epoch, p.xid
LIMIT 1;
