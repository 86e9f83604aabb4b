-- name: studio.list_weights :many
-- The weights of a type as they were in effect at a time, of each category and platform: 1 unless adjusted. Index:
-- scoring_adjustments_weight.
-- row: weight, the original
-- param: tenant_id uuid        = '00000000-0000-7000-8000-000000000001'
-- param: type      text        = 'category-weight'
-- param: at        timestamptz = 'infinity'
-- not null: category, platform, weight
WITH kind AS (
    SELECT
        c.category,
        p.platform,
        c.place AS category_place,
        p.place AS platform_place
    FROM
        unnest(
            '{news,absurd,luxury,emotional,tech,cartoon,gaming,fitness,food,finance,music,relationships}'::text []
        ) WITH ORDINALITY AS c (category, place)
    CROSS JOIN unnest('{tiktok,youtube-shorts,instagram-reels}'::text []) WITH ORDINALITY AS p (platform, place)
)

SELECT
    kind.category,
    kind.platform,
    coalesce(latest.new_value, 1) AS weight,
    latest.id AS adjustment_id,
    latest.applied_at
FROM kind
LEFT OUTER JOIN LATERAL (
    SELECT
        a.id,
        a.new_value,
        a.applied_at
    FROM studio.scoring_adjustments AS a
    WHERE a.tenant_id = :tenant_id
        AND a.category = kind.category
        AND a.platform = kind.platform
        AND a.type = :type
        AND a.applied_at <= :at
    ORDER BY a.applied_at DESC
    LIMIT 1
) AS latest ON true
ORDER BY kind.category_place, kind.platform_place;
