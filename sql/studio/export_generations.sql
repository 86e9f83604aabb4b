-- name: studio.export_generations :many
-- All generations after a watermark with their concepts as they are, in an order in which nothing can appear later
-- before what was read: by the writing transaction, and only below the oldest one that is still running. Each row
-- carries its own watermark.
-- Indexes: generations_order, concepts_position_key.
-- scan: operations.epochs: a row per restore or failover
-- replica: what is not there yet comes after the watermark, with the next run
-- row: generation, and more
-- param: tenant_id   uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_epoch int  = 0
-- param: after_xid   xid8 = '0'
-- param: after_id    uuid = '00000000-0000-0000-0000-000000000000'
-- not null: concepts, watermark
SELECT
    g.id,
    g.concept_count,
    g.model_key,
    g.created_by_id,
    g.favorite,
    g.created_at,
    g.updated_at,
    g.revision,
    g.trends,
    made.concepts,
    format('%s.%s.%s', g.epoch, g.xid, g.id) AS watermark
FROM studio.generations AS g
INNER JOIN LATERAL (
    SELECT
        coalesce(
            json_agg(
                json_build_object(
                    'id', c.id,
                    'generation_id', c.generation_id,
                    'position', c.position,
                    'category', c.category,
                    'title', c.title,
                    'caption', c.caption,
                    'hashtags', c.hashtags,
                    'virality', c.virality,
                    'trend_source', c.trend_source,
                    'trend_topic', c.trend_topic,
                    'created_at', c.created_at,
                    'updated_at', c.updated_at,
                    'revision', c.revision,
                    'script', c.script,
                    'prompts', c.prompts,
                    'why_it_works', c.why_it_works,
                    'monetization', c.monetization,
                    'variants', c.variants,
                    'post_time', c.post_time
                )
                ORDER BY c.position
            ),
            '[]'
        ) AS concepts
    FROM studio.concepts AS c
    WHERE c.tenant_id = :tenant_id
        AND c.generation_id = g.id
) AS made ON true
WHERE g.tenant_id = :tenant_id
    AND (g.epoch, g.xid, g.id) > (:after_epoch, :after_xid, :after_id)
    AND (
        g.xid < pg_snapshot_xmin(pg_current_snapshot())
        OR g.epoch < (SELECT max(present.epoch) FROM operations.epochs AS present)
    )
ORDER BY g.epoch, g.xid, g.id;
