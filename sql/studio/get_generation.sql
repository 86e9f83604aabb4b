-- name: studio.get_generation :one
-- A generation with its concepts, in the order of their positions. Index: concepts_position_key.
-- row: generation, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000030'
-- not null: concepts
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
    made.concepts
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
    AND g.id = :id;
