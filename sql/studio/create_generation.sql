-- name: studio.create_generation :one
-- A generation with its concepts, in their order. A trigger charges them to the tenant's subscription.
-- row: generation
-- param: tenant_id     uuid      = '00000000-0000-7000-8000-000000000001'
-- param: created_by_id uuid NULL = NULL
-- param: model_key     text NULL = 'claude-3.5'
-- param: trends        jsonb     = '[{"topic": "smart kitchens"}]'
-- param: concepts      jsonb     = '[{"category": "tech", "title": "The toaster", "caption": "It knows."}]'
-- not null: concepts
WITH item AS (
    SELECT
        given.category,
        given.title,
        given.caption,
        given.hashtags,
        given.script,
        given.prompts,
        given.why_it_works,
        given.monetization,
        given.virality,
        given.variants,
        given.post_time,
        given.trend_source,
        given.trend_topic,
        listed.place
    FROM jsonb_array_elements(:concepts::jsonb) WITH ORDINALITY AS listed (concept, place)
    CROSS JOIN
        LATERAL jsonb_to_record(listed.concept)
            AS given (
                category text,
                title text,
                caption text,
                hashtags text [],
                script jsonb,
                prompts jsonb,
                why_it_works text,
                monetization text,
                virality jsonb,
                variants jsonb,
                post_time time,
                trend_source text,
                trend_topic text
            )
),

generation AS (
    INSERT INTO studio.generations (tenant_id, concept_count, trends, model_key, created_by_id)
    VALUES (:tenant_id, jsonb_array_length(:concepts::jsonb), :trends, :model_key, :created_by_id)
    RETURNING
        id,
        concept_count,
        model_key,
        created_by_id,
        favorite,
        created_at,
        updated_at,
        revision,
        trends
),

concept AS (
    INSERT INTO studio.concepts (
        tenant_id,
        generation_id,
        position,
        category,
        title,
        caption,
        hashtags,
        script,
        prompts,
        why_it_works,
        monetization,
        virality,
        variants,
        post_time,
        trend_source,
        trend_topic
    )
    SELECT
        :tenant_id,
        generation.id,
        item.place,
        item.category,
        item.title,
        item.caption,
        coalesce(item.hashtags, '{}'),
        coalesce(item.script, '[]'),
        coalesce(item.prompts, '{}'),
        item.why_it_works,
        item.monetization,
        coalesce(item.virality, '{}'),
        coalesce(item.variants, '[]'),
        item.post_time,
        item.trend_source,
        item.trend_topic
    FROM item
    CROSS JOIN generation
    ORDER BY item.place
    RETURNING
        id,
        generation_id,
        position,
        category,
        title,
        caption,
        hashtags,
        virality,
        trend_source,
        trend_topic,
        created_at,
        updated_at,
        revision,
        script,
        prompts,
        why_it_works,
        monetization,
        variants,
        post_time
),

made AS (
    SELECT
        json_agg(
            json_build_object(
                'id', concept.id,
                'generation_id', concept.generation_id,
                'position', concept.position,
                'category', concept.category,
                'title', concept.title,
                'caption', concept.caption,
                'hashtags', concept.hashtags,
                'virality', concept.virality,
                'trend_source', concept.trend_source,
                'trend_topic', concept.trend_topic,
                'created_at', concept.created_at,
                'updated_at', concept.updated_at,
                'revision', concept.revision,
                'script', concept.script,
                'prompts', concept.prompts,
                'why_it_works', concept.why_it_works,
                'monetization', concept.monetization,
                'variants', concept.variants,
                'post_time', concept.post_time
            )
            ORDER BY concept.position
        ) AS concepts
    FROM concept
)

SELECT
    generation.id,
    generation.concept_count,
    generation.model_key,
    generation.created_by_id,
    generation.favorite,
    generation.created_at,
    generation.updated_at,
    generation.revision,
    generation.trends,
    made.concepts
FROM generation
CROSS JOIN made;
