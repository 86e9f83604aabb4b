-- name: studio.update_concept :maybe
-- Changes what `changes` names; no row when the revision is another. What was predicted is not among it.
-- row: concept
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid        = '00000000-0000-7000-8000-000000000031'
-- param: changes   jsonb       = '{"title": "The toaster that knows you", "monetization": null}'
-- param: revision  bigint NULL = NULL
UPDATE studio.concepts AS c
SET
    title = coalesce(:changes::jsonb ->> 'title', c.title),
    caption = coalesce(:changes::jsonb ->> 'caption', c.caption),
    hashtags = CASE
        WHEN :changes::jsonb ? 'hashtags' THEN array(SELECT jsonb_array_elements_text(:changes::jsonb -> 'hashtags'))
        ELSE c.hashtags
    END,
    script = coalesce(:changes::jsonb -> 'script', c.script),
    prompts = coalesce(:changes::jsonb -> 'prompts', c.prompts),
    why_it_works = CASE
        WHEN :changes::jsonb ? 'why_it_works' THEN :changes::jsonb ->> 'why_it_works'
        ELSE c.why_it_works
    END,
    monetization = CASE
        WHEN :changes::jsonb ? 'monetization' THEN :changes::jsonb ->> 'monetization'
        ELSE c.monetization
    END,
    variants = coalesce(:changes::jsonb -> 'variants', c.variants),
    post_time = CASE
        WHEN :changes::jsonb ? 'post_time' THEN (:changes::jsonb ->> 'post_time')::time
        ELSE c.post_time
    END,
    trend_source = CASE
        WHEN :changes::jsonb ? 'trend_source' THEN :changes::jsonb ->> 'trend_source'
        ELSE c.trend_source
    END,
    trend_topic = CASE
        WHEN :changes::jsonb ? 'trend_topic' THEN :changes::jsonb ->> 'trend_topic'
        ELSE c.trend_topic
    END
WHERE c.tenant_id = :tenant_id
    AND c.id = :id
    AND (:revision::bigint IS NULL OR c.revision = :revision)
RETURNING
    c.id,
    c.generation_id,
    c.position,
    c.category,
    c.title,
    c.caption,
    c.hashtags,
    c.virality,
    c.trend_source,
    c.trend_topic,
    c.created_at,
    c.updated_at,
    c.revision,
    c.script,
    c.prompts,
    c.why_it_works,
    c.monetization,
    c.variants,
    c.post_time;
