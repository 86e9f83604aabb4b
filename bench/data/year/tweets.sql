-- A year of a reply desk: 40,000 tweets of twelve tenants, the large one of them has two thirds, and the episodes that
-- they are about. After desk.sql, in its transaction: the tenants and the functions are those of that file.

CREATE TEMPORARY TABLE episode ON COMMIT DROP AS
SELECT
    t.n,
    t.id AS tenant_id,
    t.created_at AS tenant_created_at,
    t.users,
    k,
    told.at,
    pg_temp.id(format('episode %s of %s', k, t.n), told.at) AS id
FROM tenant AS t
CROSS JOIN LATERAL generate_series(1, CASE t.n WHEN 1 THEN 150 ELSE 30 END) AS k
CROSS JOIN LATERAL (
    SELECT timestamptz '2025-01-01' + k * CASE t.n WHEN 1 THEN interval '58 hours' ELSE interval '12 days' END AS at
) AS told
WHERE t.n <= 12
ORDER BY t.n, k;

INSERT INTO tweets.episodes (
    tenant_id,
    id,
    title,
    raw_transcript,
    transcript_url,
    published_at,
    created_by_id,
    summary_text,
    keywords,
    summary_embedding,
    created_at,
    updated_at
)
SELECT
    e.tenant_id,
    e.id,
    'Episode ' || e.k,
    CASE WHEN e.k % 3 <> 0 THEN pg_temp.prose(format('transcript %s of %s', e.k, e.n), 2000, 30000) END,
    CASE WHEN e.k % 3 = 0 THEN format('https://podcast-%s.example/%s.txt', e.n, e.k) END,
    e.at - interval '1 day',
    CASE WHEN e.k % 2 = 0 THEN pg_temp.id(format('user %s of %s', 1 + e.k % e.users, e.n), e.tenant_created_at) END,
    pg_temp.prose(format('summary %s of %s', e.k, e.n), 200, 900),
    '{"list": ["shipping", "fuel line"], "meta": {"model": "gpt-4o-mini"}}',
    CASE WHEN e.k % 10 = 0 THEN array_fill(0.5::real, ARRAY[1536]) END,
    e.at,
    e.at + interval '1 hour'
FROM episode AS e
ORDER BY e.at, e.n;

INSERT INTO tweets.ingestion_steps (
    tenant_id,
    id,
    episode_id,
    name,
    position,
    status,
    attempts,
    started_at,
    finished_at,
    error,
    created_at,
    updated_at
)
SELECT
    e.tenant_id,
    pg_temp.id(format('step %s of episode %s of %s', step.name, e.k, e.n), e.at),
    e.id,
    step.name,
    step.position,
    told.status,
    CASE told.status WHEN 'pending' THEN 0 ELSE 1 END,
    CASE WHEN told.status <> 'pending' THEN e.at + step.position * interval '5 minutes' END,
    CASE WHEN told.status IN ('success', 'failed') THEN e.at + step.position * interval '6 minutes' END,
    CASE told.status WHEN 'failed' THEN 'the model did not answer' END,
    e.at,
    e.at + step.position * interval '6 minutes'
FROM episode AS e
CROSS JOIN unnest(ARRAY['chunking', 'embedding', 'summary', 'keywords']) WITH ORDINALITY AS step (name, position)
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN e.k % 15 <> 7 THEN CASE WHEN e.k % 90 = 5 AND step.position = 4 THEN 'running' ELSE 'success' END
            WHEN step.position = 3 THEN 'failed'
            WHEN step.position = 4 THEN 'pending'
            ELSE 'success'
        END AS status
) AS told
ORDER BY e.at, e.n, step.position;

-- A tweet in seven answers one of those before it, most of them one that was found.
INSERT INTO tweets.tweets (
    tenant_id,
    id,
    external_id,
    author_handle,
    full_text,
    posted_at,
    status,
    relevance_score,
    model_key,
    flags,
    in_reply_to_external_id,
    episode_id,
    has_draft,
    created_at,
    updated_at
)
SELECT
    t.id,
    pg_temp.id('tweet ' || i, found.at),
    (1780000000000000000 + i)::text,
    'listener_' || i % 5000,
    pg_temp.prose('tweet ' || i, 30, 280),
    found.at - interval '40 seconds',
    CASE
        WHEN i > 39000 THEN 'unclassified'
        WHEN luck.chance < 0.80 THEN 'skipped'
        WHEN luck.chance < 0.84 THEN 'relevant'
        WHEN luck.chance < 0.86 THEN 'drafted'
        ELSE 'posted'
    END,
    CASE WHEN i <= 39000 THEN luck.chance END,
    CASE WHEN i <= 39000 THEN 'classifier-2' END,
    CASE WHEN i % 20 = 0 THEN '{"toxicity": 0.7, "duplicate": false}'::jsonb END,
    CASE WHEN i % 7 = 0 THEN (1780000000000000000 + i - 1 - i % 300)::text END,
    CASE WHEN luck.chance >= 0.5 THEN pg_temp.id(format('episode %s of %s', about.k, t.n), about.at) END,
    i <= 39000 AND luck.chance >= 0.84 AND luck.chance < 0.86,
    found.at,
    found.at + interval '2 minutes'
FROM generate_series(1, 40000) AS i
CROSS JOIN LATERAL (SELECT timestamptz '2025-01-02' + i * interval '13 minutes' AS at) AS found
CROSS JOIN LATERAL (SELECT pg_temp.chance('tweet ' || i) AS chance) AS luck
INNER JOIN tenant AS t ON t.n = CASE WHEN i % 3 < 2 THEN 1 ELSE 2 + i % 11 END
INNER JOIN episode AS about
    ON about.n = t.n
    AND about.k = 1 + floor(pg_temp.chance('about ' || i) * CASE t.n WHEN 1 THEN 150 ELSE 30 END)
ORDER BY i;

-- Each tweet that is drafted or posted has a draft, each tenth of these also one that was rejected before.
INSERT INTO drafts.drafts (
    tenant_id,
    id,
    tweet_id,
    version,
    status,
    model_key,
    prompt_version,
    suggested_text,
    created_at,
    updated_at
)
SELECT
    t.tenant_id,
    pg_temp.id(format('draft %s of %s', v.version, t.external_id), t.created_at + v.version * interval '3 minutes'),
    t.id,
    v.version,
    CASE
        WHEN v.version = 1 AND t.external_id LIKE '%7' THEN 'rejected'
        WHEN t.status = 'posted' THEN 'sent'
        WHEN pg_temp.chance('approved ' || t.external_id) < 0.3 THEN 'approved'
        ELSE 'pending'
    END,
    'gpt-4o-mini',
    'reply_v1',
    pg_temp.prose('draft for ' || t.external_id, 30, 280),
    t.created_at + v.version * interval '3 minutes',
    t.created_at + v.version * interval '5 minutes'
FROM tweets.tweets AS t
CROSS JOIN LATERAL generate_series(1, CASE WHEN t.external_id LIKE '%7' THEN 2 ELSE 1 END) AS v (version)
WHERE t.status IN ('drafted', 'posted')
ORDER BY t.created_at, t.id, v.version;

-- What is approved is held, what was sent is confirmed.
INSERT INTO drafts.scheduled_replies (
    tenant_id,
    id,
    tweet_id,
    draft_id,
    status,
    final_text,
    scheduled_for,
    attempts,
    external_id,
    sent_at,
    created_at,
    updated_at
)
SELECT
    d.tenant_id,
    pg_temp.id('reply of ' || d.id, d.updated_at),
    d.tweet_id,
    d.id,
    CASE d.status WHEN 'sent' THEN 'sent' ELSE 'held' END,
    d.suggested_text,
    CASE d.status WHEN 'sent' THEN d.updated_at END,
    CASE d.status WHEN 'sent' THEN 1 ELSE 0 END,
    CASE d.status WHEN 'sent' THEN 'reply to ' || d.tweet_id END,
    CASE d.status WHEN 'sent' THEN d.updated_at + interval '1 minute' END,
    d.updated_at,
    d.updated_at + interval '1 minute'
FROM drafts.drafts AS d
WHERE d.tweet_id IS NOT NULL
    AND d.status IN ('approved', 'sent')
ORDER BY d.updated_at, d.id;

-- The rows that the samples name.

CREATE FUNCTION pg_temp.reply_sample(digit text) RETURNS uuid
LANGUAGE sql IMMUTABLE
RETURN ('00000000-0000-7000-8000-00000000001' || digit)::uuid;

INSERT INTO tweets.episodes (tenant_id, id, title, transcript_url, created_at, updated_at)
VALUES (
    pg_temp.sample('1'),
    pg_temp.reply_sample('2'),
    'How it ships',
    'https://example.com/episode.txt',
    '2025-12-31',
    '2025-12-31'
);

INSERT INTO tweets.ingestion_steps (
    tenant_id, id, episode_id, name, position, status, attempts, started_at, created_at, updated_at
)
VALUES (
    pg_temp.sample('1'),
    pg_temp.reply_sample('3'),
    pg_temp.reply_sample('2'),
    'summary',
    1,
    'running',
    1,
    '2025-12-31',
    '2025-12-31',
    '2025-12-31'
);

INSERT INTO tweets.tweets (
    tenant_id, id, external_id, author_handle, full_text, episode_id, created_at, updated_at
)
VALUES (
    pg_temp.sample('1'),
    pg_temp.reply_sample('4'),
    '1790000000000000014',
    'listener',
    'Which episode was that?',
    pg_temp.reply_sample('2'),
    '2025-12-31',
    '2025-12-31'
);

INSERT INTO tweets.tweet_words (tenant_id, word, id)
SELECT
    t.tenant_id,
    w.word,
    t.id
FROM tweets.tweets AS t
CROSS JOIN unnest(tsvector_to_array(to_tsvector('english', t.full_text))) AS w (word)
ORDER BY t.id, w.word;
