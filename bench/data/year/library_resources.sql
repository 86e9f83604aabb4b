-- A library: 20,000 resources of 50 tenants, a third of them of the large one, with their versions, translations, words,
-- bookmarks and views. One in five is private, one in ten a team's, one in ten not complete, one in thirty deleted.
-- After desk.sql, in its transaction.

CREATE TEMPORARY TABLE kept ON COMMIT DROP AS
SELECT
    r.k,
    t.id AS tenant_id,
    pg_temp.id('resource ' || r.k, made.at) AS id,
    made.at,
    pg_temp.id(format('user %s of %s', 1 + r.k % t.users, t.n), t.created_at) AS user_id,
    (SELECT team.id FROM team WHERE r.k % 10 = 3 AND team.n = t.n AND team.k = 2 + r.k % 4) AS team_id,
    r.k % 10 <> 4 AS is_complete,
    r.k % 5 = 1 AS is_private,
    CASE WHEN r.k % 30 = 7 THEN made.at + interval '3 days' END AS deleted_at,
    (100 * pg_temp.chance('score ' || r.k) ^ 6)::integer AS score
FROM generate_series(1, 20000) AS r (k)
INNER JOIN tenant AS t ON t.n = CASE WHEN r.k % 3 = 0 THEN 1 ELSE 2 + r.k % 49 END
CROSS JOIN LATERAL (
    SELECT greatest(timestamptz '2025-01-01' + r.k * interval '26 minutes', t.created_at) AS at
) AS made
UNION ALL
SELECT
    0,
    pg_temp.sample('1'),
    '00000000-0000-7000-8000-000000000071',
    '2025-12-31',
    pg_temp.sample('2'),
    NULL,
    true,
    false,
    NULL,
    3;

INSERT INTO library.resources (
    tenant_id,
    id,
    public_id,
    resource_type,
    is_private,
    created_by_id,
    owned_by_user_id,
    owned_by_team_id,
    has_complete_version,
    completed_at,
    score,
    bookmarks,
    views,
    deleted_at,
    deleted_by_id,
    created_at,
    updated_at
)
SELECT
    k.tenant_id,
    k.id,
    CASE WHEN k.k = 0 THEN 'abcdefGHIJ12' ELSE left(md5('resource ' || k.k), 12) END,
    (ARRAY['Routine', 'Api', 'Project', 'Standard'])[1 + k.k / 3 % 4],
    k.is_private,
    k.user_id,
    CASE WHEN k.team_id IS NULL THEN k.user_id END,
    k.team_id,
    k.is_complete,
    CASE WHEN k.is_complete THEN k.at END,
    k.score,
    k.k % 3,
    k.k % 4,
    k.deleted_at,
    CASE WHEN k.deleted_at IS NOT NULL THEN k.user_id END,
    k.at,
    k.at + k.k % 1000 * interval '1 hour'
FROM kept AS k
ORDER BY k.k;

INSERT INTO library.resource_versions (
    tenant_id,
    id,
    public_id,
    root_id,
    version_index,
    version_label,
    is_complete,
    is_latest,
    audience,
    created_at,
    updated_at
)
SELECT
    r.tenant_id,
    CASE
        WHEN k.k = 0 AND v.place = 0 THEN '00000000-0000-7000-8000-000000000072'
        ELSE pg_temp.id(format('version %s of %s', v.place, k.k), k.at)
    END,
    CASE WHEN k.k = 0 AND v.place = 0 THEN 'abcdefGHIJ12' ELSE left(md5(format('version %s of %s', v.place, k.k)), 12) END,
    r.id,
    v.place,
    format('1.%s.0', v.place),
    r.has_complete_version,
    v.place = k.k % 4 / 3,
    r.audience,
    k.at + v.place * interval '1 day',
    k.at + v.place * interval '1 day'
FROM kept AS k
INNER JOIN library.resources AS r
    ON r.tenant_id = k.tenant_id
    AND r.id = k.id
CROSS JOIN LATERAL generate_series(0, k.k % 4 / 3) AS v (place)
ORDER BY k.k, v.place;

INSERT INTO library.resource_translations (
    tenant_id, id, version_id, language, name, description, audience, created_at, updated_at
)
SELECT
    v.tenant_id,
    pg_temp.id(format('%s of %s', l.language, v.id), v.created_at),
    v.id,
    l.language,
    format('Plan %s', abs(hashtext(v.id::text)) % 3000),
    format('Steps of topic %s', abs(hashtext(v.root_id::text)) % 300),
    v.audience,
    v.created_at,
    v.created_at
FROM library.resource_versions AS v
INNER JOIN (VALUES ('en', 1), ('de', 8)) AS l (language, every)
    ON v.id = '00000000-0000-7000-8000-000000000072' OR abs(hashtext(v.id::text)) % l.every = 0
ORDER BY v.created_at, v.id, l.language;

INSERT INTO library.resource_words (tenant_id, word, score, id)
SELECT DISTINCT
    r.tenant_id,
    w.word COLLATE "C" AS stem,
    r.score,
    r.id
FROM library.resources AS r
INNER JOIN library.resource_versions AS v
    ON v.tenant_id = r.tenant_id
    AND v.root_id = r.id
    AND v.is_latest
INNER JOIN library.resource_translations AS t
    ON t.tenant_id = v.tenant_id
    AND t.version_id = v.id
CROSS JOIN unnest(library.words_of(t.name, t.description) || (' ' || r.resource_type)) AS w (word)
WHERE r.is_listed
ORDER BY r.tenant_id, stem, r.score, r.id;

INSERT INTO library.bookmarks (tenant_id, id, user_id, resource_id, created_at)
SELECT
    k.tenant_id,
    pg_temp.id(format('bookmark %s of %s', b.place, k.k), k.at + b.place * interval '1 day'),
    pg_temp.id(format('user %s of %s', 1 + (k.k * 7 + b.place) % t.users, t.n), t.created_at),
    k.id,
    k.at + b.place * interval '1 day'
FROM kept AS k
INNER JOIN tenant AS t ON t.id = k.tenant_id
CROSS JOIN LATERAL generate_series(1, k.k % 3) AS b (place)
ORDER BY k.k, b.place
ON CONFLICT DO NOTHING;

INSERT INTO library.resource_views (tenant_id, resource_id, user_id, viewed_on)
SELECT
    k.tenant_id,
    k.id,
    pg_temp.id(format('user %s of %s', 1 + (k.k * 5 + b.place) % t.users, t.n), t.created_at),
    (k.at + b.place * interval '1 day')::date
FROM kept AS k
INNER JOIN tenant AS t ON t.id = k.tenant_id
CROSS JOIN LATERAL generate_series(1, k.k % 4) AS b (place)
ORDER BY k.k, b.place
ON CONFLICT DO NOTHING;
