-- A year of a campaign studio: 4,000 generations of twelve tenants with 20,000 concepts, the large tenant has two thirds
-- of them, and a video of every other concept; as many generations, and of one in how many concepts a video, as the
-- settings bench.generations and bench.concepts_per_video say. After desk.sql, in its transaction: the tenants are those
-- of that file.

CREATE TEMPORARY TABLE generation ON COMMIT DROP AS
SELECT
    i AS g,
    t.n,
    t.id AS tenant_id,
    t.created_at AS tenant_created_at,
    t.users,
    made.at,
    3 + i % 5 AS concept_count,
    pg_temp.id('generation ' || i, made.at) AS id
FROM generate_series(1, pg_temp.wanted('generations', 4000)) AS i
CROSS JOIN LATERAL (
    SELECT timestamptz '2025-01-01' + i * (interval '524000 minutes' / pg_temp.wanted('generations', 4000)) AS at
) AS made
INNER JOIN tenant AS t ON t.n = CASE WHEN i % 3 < 2 THEN 1 ELSE 2 + i % 11 END
ORDER BY i;

INSERT INTO studio.generations (
    tenant_id,
    id,
    concept_count,
    trends,
    model_key,
    created_by_id,
    favorite,
    epoch,
    xid,
    created_at,
    updated_at
)
SELECT
    g.tenant_id,
    g.id,
    g.concept_count,
    '[{"topic": "smart kitchens", "source": "reddit", "score": 81}]',
    'claude-3.5',
    CASE WHEN g.g % 2 = 0 THEN pg_temp.id(format('user %s of %s', 1 + g.g % g.users, g.n), g.tenant_created_at) END,
    g.g % 12 = 0,
    1,
    (1000 + g.g)::text::xid8,
    g.at,
    g.at
FROM generation AS g
ORDER BY g.g;

CREATE TEMPORARY TABLE concept ON COMMIT DROP AS
SELECT
    g.g,
    g.n,
    g.tenant_id,
    g.at,
    g.id AS generation_id,
    k AS position,
    pg_temp.id(format('concept %s of %s', k, g.g), g.at + k * interval '1 millisecond') AS id
FROM generation AS g
CROSS JOIN LATERAL generate_series(1, g.concept_count) AS k
ORDER BY g.g, k;

INSERT INTO studio.concepts (
    tenant_id,
    id,
    generation_id,
    position,
    category,
    title,
    caption,
    hashtags,
    script,
    prompts,
    why_it_works,
    virality,
    trend_source,
    trend_topic,
    created_at,
    updated_at
)
SELECT
    c.tenant_id,
    c.id,
    c.generation_id,
    c.position,
    ('{news,absurd,luxury,emotional,tech,cartoon,gaming,fitness,food,finance,music,relationships}'::text [])[
        1 + floor(12 * pg_temp.chance(format('category %s of %s', c.position, c.g)) ^ 2)
    ],
    format('Toaster number %s and its %s slices', c.g, c.position),
    pg_temp.prose(format('caption %s of %s', c.position, c.g), 40, 300),
    ARRAY['#smarthome', '#batch' || c.g % 200],
    '[{"time_range": "0-3s", "visual": "A toaster lights up in the dark."}]',
    '{"sora": "A toaster in a dark kitchen lights up, close-up."}',
    'Everybody has a toaster.',
    '{"tiktok": 78, "youtube-shorts": 64}',
    CASE WHEN c.g % 4 > 0 THEN 'reddit' END,
    CASE WHEN c.g % 4 > 0 THEN 'trend ' || floor(400 * pg_temp.chance('trend ' || c.g) ^ 2) END,
    c.at,
    c.at
FROM concept AS c
ORDER BY c.g, c.position;

INSERT INTO studio.videos (
    tenant_id,
    id,
    concept_id,
    platform,
    provider,
    status,
    object_key,
    error,
    cost_micros,
    generated_at,
    ended_at,
    created_at,
    updated_at
)
SELECT
    c.tenant_id,
    pg_temp.id(format('video %s of %s', c.position, c.g), c.at + interval '5 minutes'),
    c.id,
    ('{tiktok,youtube-shorts,instagram-reels}'::text [])[1 + c.g % 3],
    ('{sora,veo,runway,luma}'::text [])[1 + c.g % 4],
    told.status,
    CASE told.status WHEN 'completed' THEN format('videos/%s/%s.mp4', c.g, c.position) END,
    CASE told.status WHEN 'failed' THEN 'the provider refused the prompt' END,
    CASE told.status WHEN 'completed' THEN 450000 END,
    CASE told.status WHEN 'completed' THEN c.at + interval '9 minutes' END,
    CASE WHEN told.status <> 'generating' THEN c.at + interval '9 minutes' END,
    c.at + interval '5 minutes',
    c.at + interval '9 minutes'
FROM concept AS c
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN c.g > pg_temp.wanted('generations', 4000) - 10 THEN 'generating'
            WHEN c.g % 15 = 7 THEN 'failed'
            ELSE 'completed'
        END AS status
) AS told
WHERE (c.position - 1) % pg_temp.wanted('concepts_per_video', 2) = 0
ORDER BY c.g, c.position;

INSERT INTO studio.subscription_events (
    tenant_id, id, event_id, occurred_at, tier, subscription_status, created_at
)
SELECT
    t.id,
    pg_temp.id(format('payment %s of %s', k, t.n), paid.at),
    format('evt_%s_%s', t.n, k),
    paid.at,
    CASE t.n WHEN 1 THEN 'AGENCY' ELSE 'PRO' END,
    'active',
    paid.at
FROM tenant AS t
CROSS JOIN generate_series(1, 100) AS k
CROSS JOIN LATERAL (SELECT t.created_at + k * interval '6 days' AS at) AS paid
WHERE t.n <= 12
ORDER BY t.n, k;

INSERT INTO studio.subscriptions (tenant_id, id, tier, told_at, told_by, used, resets_at, created_at, updated_at)
SELECT
    t.id,
    pg_temp.id('subscription of ' || t.n, t.created_at),
    CASE t.n WHEN 1 THEN 'AGENCY' ELSE 'PRO' END,
    t.created_at + interval '600 days',
    format('evt_%s_100', t.n),
    7,
    timestamptz '2026-01-15',
    t.created_at,
    timestamptz '2025-12-31'
FROM tenant AS t
WHERE t.n <= 12
ORDER BY t.n;

-- What the samples in sql/ name.
INSERT INTO studio.generations (tenant_id, id, concept_count, epoch, xid, created_at, updated_at)
VALUES (pg_temp.sample('1'), '00000000-0000-7000-8000-000000000030', 1, 1, '9000', '2025-12-31', '2025-12-31');

INSERT INTO studio.concepts (
    tenant_id, id, generation_id, position, category, title, caption, virality, created_at, updated_at
)
VALUES (
    pg_temp.sample('1'),
    '00000000-0000-7000-8000-000000000031',
    '00000000-0000-7000-8000-000000000030',
    1,
    'tech',
    'The toaster that knows you',
    'It burned my name into the bread.',
    '{"tiktok": 78}',
    '2025-12-31',
    '2025-12-31'
);

INSERT INTO studio.concept_words (tenant_id, word, id)
SELECT
    c.tenant_id,
    w.word,
    c.id
FROM studio.concepts AS c
CROSS JOIN unnest(
    tsvector_to_array(
        to_tsvector(
            'english',
            concat_ws(' ', c.title, c.caption, array_to_string(c.hashtags, ' '), c.trend_source, c.trend_topic)
        )
    )
) AS w (word)
ORDER BY c.id, w.word;

INSERT INTO studio.concept_days (tenant_id, attribute, day, value, concepts)
SELECT
    c.tenant_id,
    counted.attribute,
    (c.created_at AT TIME ZONE 'UTC')::date,
    counted.value,
    count(*)
FROM studio.concepts AS c
CROSS JOIN LATERAL (VALUES ('category', c.category), ('trend_topic', c.trend_topic)) AS counted (attribute, value)
WHERE counted.value IS NOT NULL
GROUP BY c.tenant_id, counted.attribute, (c.created_at AT TIME ZONE 'UTC')::date, counted.value
ORDER BY c.tenant_id, counted.attribute, (c.created_at AT TIME ZONE 'UTC')::date, counted.value;
