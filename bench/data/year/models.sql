-- Prompts of the fifty tenants that work with the service, the newest version of each kind active; of the last quarter
-- of the drafts the prompt is known. Two calls of models for each draft, and one for each conversation.

CREATE TEMPORARY TABLE prompt ON COMMIT DROP AS
SELECT
    t.n,
    t.id AS tenant_id,
    k.kind,
    v AS version,
    k.versions,
    made.at,
    pg_temp.id(format('%s %s of %s', k.kind, v, t.n), made.at) AS id,
    pg_temp.id(format('user 1 of %s', t.n), t.created_at) AS author_id
FROM tenant AS t
CROSS JOIN LATERAL (
    VALUES
    ('reply', CASE t.n WHEN 1 THEN 40 ELSE 4 + t.n % 5 END),
    ('summary', CASE t.n WHEN 1 THEN 12 ELSE 2 + t.n % 2 END)
) AS k (kind, versions)
CROSS JOIN LATERAL generate_series(1, k.versions) AS v
CROSS JOIN LATERAL (
    SELECT timestamptz '2025-01-10' + v * interval '8 days' + t.n * interval '3 hours' AS at
) AS made
WHERE t.n <= 50;

INSERT INTO models.prompt_versions (
    tenant_id,
    id,
    kind,
    version,
    label,
    system_prompt,
    user_template,
    notes,
    author_user_id,
    active,
    created_at,
    updated_at
)
SELECT
    p.tenant_id,
    p.id,
    p.kind,
    p.version,
    format('%s_v%s', p.kind, p.version),
    pg_temp.prose(format('system %s %s of %s', p.kind, p.version, p.n), 400, 1600),
    pg_temp.prose(format('user %s %s of %s', p.kind, p.version, p.n), 80, 400),
    'Shorter answers.',
    p.author_id,
    p.version = p.versions,
    p.at,
    p.at
FROM prompt AS p
ORDER BY p.at, p.n, p.kind;

INSERT INTO models.prompt_activations (
    tenant_id,
    id,
    kind,
    prompt_version_id,
    replaced_prompt_version_id,
    actor,
    reason,
    activated_at
)
SELECT
    p.tenant_id,
    pg_temp.id(format('activation of %s %s of %s', p.kind, p.version, p.n), p.at),
    p.kind,
    p.id,
    lag(p.id) OVER (PARTITION BY p.n, p.kind ORDER BY p.version),
    'user:' || p.author_id,
    'Shorter answers.',
    p.at + interval '1 hour'
FROM prompt AS p
ORDER BY p.at, p.n, p.kind;

-- Which reply prompt was active: the latest version before the draft.
CREATE TEMPORARY TABLE drafted ON COMMIT DROP AS
SELECT
    e.tenant_id,
    e.i,
    e.seed,
    e.draft_id,
    e.drafted_at AS at,
    (
        SELECT p.id
        FROM prompt AS p
        WHERE p.tenant_id = e.tenant_id
            AND p.kind = 'reply'
            AND p.at < e.drafted_at
        ORDER BY p.version DESC
        LIMIT 1
    ) AS prompt_id
FROM exchange AS e
WHERE e.outcome <> 'awaited'
ORDER BY e.drafted_at, e.i;

UPDATE drafts.drafts AS d
SET prompt_version_id = drafted.prompt_id
FROM drafted
WHERE d.tenant_id = drafted.tenant_id
    AND d.id = drafted.draft_id
    AND drafted.i > 22500;

INSERT INTO models.model_runs (
    tenant_id,
    id,
    run_type,
    input_ref,
    model,
    prompt_version_id,
    latency_ms,
    tokens_in,
    tokens_out,
    cost_micros,
    success,
    error,
    started_at,
    created_at
)
SELECT
    d.tenant_id,
    pg_temp.id(format('%s of %s', made.run_type, d.seed), d.at),
    made.run_type,
    'TICKET-' || d.i,
    CASE WHEN made.run_type = 'SAFETY_CHECK' OR d.i % 3 > 0 THEN 'gpt-4o-mini' ELSE 'gpt-4o' END,
    CASE made.run_type WHEN 'DRAFT_REPLY' THEN d.prompt_id END,
    700 + d.i % 4000,
    800 + d.i % 900,
    60 + d.i % 190,
    CASE WHEN d.i % 40 > 0 THEN 2000 + d.i % 9000 END,
    d.i % 60 <> 7,
    CASE WHEN d.i % 60 = 7 THEN 'timeout' END,
    d.at - interval '2 seconds',
    d.at
FROM drafted AS d
CROSS JOIN LATERAL (
    VALUES
    ('DRAFT_REPLY'),
    ('SAFETY_CHECK')
) AS made (run_type)
ORDER BY d.at, d.i, made.run_type;

INSERT INTO models.model_runs (
    tenant_id, id, run_type, input_ref, model, latency_ms, tokens_in, cost_micros, created_at
)
SELECT
    t.tenant_id,
    pg_temp.id('embedding ' || t.i, t.opened_at),
    'EMBEDDING',
    'TICKET-' || t.i,
    'text-embedding-3-small',
    80 + t.i % 200,
    40 + t.i % 300,
    3 + t.i % 20,
    t.opened_at
FROM thread AS t
ORDER BY t.i;

-- What the samples of sql/models name: the active prompt, one that it replaced, and a run.
INSERT INTO models.prompt_versions (
    tenant_id, id, kind, version, label, system_prompt, user_template, active, created_at, updated_at
)
SELECT
    pg_temp.sample('1'),
    ('00000000-0000-7000-8000-0000000000' || named.digits)::uuid,
    'title',
    named.version,
    'title_v' || named.version,
    'You write titles.',
    'Give this a title: {{message}}',
    named.active,
    '2025-12-31',
    '2025-12-31'
FROM (
    VALUES
    ('21', 2, true),
    ('22', 1, false)
) AS named (digits, version, active);

INSERT INTO models.prompt_activations (
    tenant_id, id, kind, prompt_version_id, replaced_prompt_version_id, actor, activated_at
)
VALUES (
    pg_temp.sample('1'),
    '00000000-0000-7000-8000-000000000023',
    'title',
    '00000000-0000-7000-8000-000000000021',
    '00000000-0000-7000-8000-000000000022',
    'key:' || pg_temp.sample('3'),
    '2025-12-31'
);

INSERT INTO models.model_runs (tenant_id, id, run_type, input_ref, model, created_at)
VALUES (
    pg_temp.sample('1'),
    '00000000-0000-7000-8000-000000000024',
    'DRAFT_REPLY',
    'TICKET-123',
    'gpt-4o-mini',
    '2025-12-31'
);
