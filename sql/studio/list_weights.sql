-- name: studio.list_weights :many
-- The weights of a type as they were in effect at a time, of each category and platform: 1 unless adjusted.
-- Index: scoring_adjustments_weight.
-- row: weight, the original
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: type      text        = 'category-weight'
-- param: at        timestamptz = 'infinity'
-- not null: category, platform, weight
SELECT
    c.category,
    p.platform,
    coalesce(latest.new_value, 1) AS weight,
    latest.id AS adjustment_id,
    latest.applied_at
FROM unnest(
    '{news,absurd,luxury,emotional,tech,cartoon,gaming,fitness,food,finance,music,relationships}'::text []
) WITH ORDINALITY AS c (category, place)
CROSS JOIN unnest('{tiktok,youtube-shorts,instagram-reels}'::text []) WITH ORDINALITY AS p (platform, place)
LEFT OUTER JOIN LATERAL (
    SELECT
        a.id,
        a.new_value,
        a.applied_at
    FROM studio.scoring_adjustments AS a
    WHERE a.tenant_id = :tenant_id
        AND a.category = c.category
        AND a.platform = p.platform
        AND a.type = :type
        AND a.applied_at <= :at
    ORDER BY a.applied_at DESC
    LIMIT 1
) AS latest ON true
ORDER BY c.place, p.place;
