-- A year of a service with many tenants, for the planner to count: 30,000 conversations of 50 tenants, a third of
-- them of one tenant, and 550 tenants that only tried it. The large tenant is that of the samples in sql/, and has
-- the rows that they name.
--
-- Always the same rows in the same order: what looks random is the hash of a name. All of it lies in the past, so
-- that no statistic depends on the day. After ../functions.sql and before the other files of this folder, in one
-- transaction.

-- Identity ----------------------------------------------------------------------------------------------

CREATE TEMPORARY TABLE tenant ON COMMIT DROP AS
SELECT
    n,
    joined.at AS created_at,
    CASE WHEN n = 1 THEN 60 WHEN n <= 50 THEN 3 + n * 7 % 12 ELSE 2 + n % 6 END AS users,
    CASE WHEN n = 1 THEN 8 WHEN n <= 50 THEN 2 + n % 3 ELSE 1 + n % 2 END AS channels,
    CASE WHEN n = 1 THEN 900 WHEN n <= 50 THEN 20 + n * 31 % 80 ELSE 0 END AS documents,
    CASE
        WHEN n = 1 THEN '00000000-0000-7000-8000-000000000001'
        ELSE pg_temp.id('tenant ' || n, joined.at)
    END AS id
FROM generate_series(1, 600) AS n
CROSS JOIN LATERAL (
    SELECT timestamptz '2024-02-01' + n * interval '12 hours' AS at
) AS joined;

INSERT INTO identity.tenants (id, name, decision_role, self_approval, created_at, updated_at)
SELECT
    t.id,
    'Tenant ' || t.n,
    CASE WHEN t.n % 5 = 2 THEN 'approver' ELSE 'agent' END,
    t.n % 7 <> 3,
    t.created_at,
    t.created_at
FROM tenant AS t
ORDER BY t.n;

INSERT INTO identity.users (
    tenant_id,
    id,
    email,
    display_name,
    role,
    auth_provider,
    auth_subject,
    disabled_at,
    created_at,
    updated_at
)
SELECT
    t.id,
    pg_temp.id(format('user %s of %s', u, t.n), t.created_at),
    format('user-%s@tenant-%s.example', u, t.n),
    'User ' || u,
    CASE
        WHEN u = 1 THEN 'admin'
        WHEN u % 6 = 2 THEN 'approver'
        WHEN u % 9 = 4 THEN 'viewer'
        ELSE 'agent'
    END,
    CASE WHEN t.n % 3 = 1 THEN 'https://issuer.example' END,
    CASE WHEN t.n % 3 = 1 THEN md5(format('subject %s of %s', u, t.n)) END,
    CASE WHEN u % 11 = 9 THEN timestamptz '2025-09-01' END,
    t.created_at,
    t.created_at
FROM tenant AS t
CROSS JOIN LATERAL generate_series(1, t.users) AS u
ORDER BY t.n, u;

INSERT INTO identity.api_keys (
    tenant_id, id, name, prefix, secret_hash, scopes, revoked_at, last_used_at, created_at
)
SELECT
    t.id,
    pg_temp.id(format('key %s of %s', k, t.n), t.created_at),
    'Key ' || k,
    left(md5(format('prefix %s of %s', k, t.n)), 12),
    decode(repeat(md5(format('secret %s of %s', k, t.n)), 2), 'hex'),
    '{intake:write,inbox:read,drafts:read,drafts:write,jobs:work}',
    CASE WHEN k % 3 = 0 THEN t.created_at + interval '30 days' END,
    CASE WHEN t.n <= 50 THEN timestamptz '2025-12-31' - t.n * k * interval '7 minutes' END,
    t.created_at
FROM tenant AS t
CROSS JOIN LATERAL generate_series(1, 1 + t.channels) AS k
ORDER BY t.n, k;

-- Inbox and drafts --------------------------------------------------------------------------------------

INSERT INTO inbox.channels (tenant_id, id, type, external_id, name, created_at, updated_at)
SELECT
    t.id,
    pg_temp.id(format('channel %s of %s', c, t.n), t.created_at),
    (ARRAY['email', 'chat', 'shopify', 'slack'])[1 + c % 4],
    format('channel-%s@tenant-%s.example', c, t.n),
    'Channel ' || c,
    t.created_at,
    t.created_at
FROM tenant AS t
CROSS JOIN LATERAL generate_series(1, t.channels) AS c
ORDER BY t.n, c;

-- A conversation: whose it is, when it began, what became of it, and of how many exchanges it is. The second tenant
-- has a sixth of all, the fiftieth one of 250.
CREATE TEMPORARY TABLE thread ON COMMIT DROP AS
SELECT
    i,
    t.n,
    t.id AS tenant_id,
    t.created_at AS tenant_created_at,
    t.users,
    opened.at AS opened_at,
    pg_temp.id('conversation ' || i, opened.at) AS id,
    pg_temp.id(
        format('channel %s of %s', 1 + floor(t.channels * pg_temp.chance('channel ' || i)), t.n), t.created_at
    ) AS channel_id,
    CASE
        WHEN i > 28000 AND luck.chance < 0.8 THEN 'open'
        WHEN i > 10000 AND luck.chance < 0.02 THEN 'open'
        WHEN i <= 10000 AND luck.chance < 0.85 THEN 'archived'
        ELSE 'closed'
    END AS status,
    1 + floor(3.5 * pg_temp.chance('exchanges ' || i) ^ 4)::integer AS exchanges
FROM generate_series(1, 30000) AS i
CROSS JOIN LATERAL (SELECT timestamptz '2025-01-01' + i * interval '17 minutes' AS at) AS opened
CROSS JOIN LATERAL (SELECT pg_temp.chance('conversation ' || i) AS chance) AS luck
INNER JOIN tenant AS t
    ON t.n = CASE
        WHEN pg_temp.chance('large tenant ' || i) < 0.33 THEN 1
        ELSE 2 + floor(49 * pg_temp.chance('tenant ' || i) ^ 3)
    END
ORDER BY i;

-- An exchange: a question, the draft that answers it, the decision, the reply. Only the last draft of an open
-- conversation can be pending still, or its reply on the way out.
CREATE TEMPORARY TABLE exchange ON COMMIT DROP AS
SELECT
    t.i,
    t.n,
    t.tenant_id,
    t.id AS conversation_id,
    k,
    told.seed,
    told.outcome,
    told.asked_at,
    told.asked_at + interval '20 seconds' AS drafted_at,
    told.asked_at + (1 + t.i % 90) * interval '1 minute' AS decided_at,
    told.asked_at + (2 + t.i % 90) * interval '1 minute' AS sent_at,
    CASE t.status WHEN 'archived' THEN t.opened_at + interval '60 days' END AS redacted_at,
    pg_temp.id('question ' || told.seed, told.asked_at) AS question_id,
    pg_temp.id('draft ' || told.seed, told.asked_at) AS draft_id,
    pg_temp.id('action ' || told.seed, told.asked_at) AS action_id,
    pg_temp.id('reply ' || told.seed, told.asked_at) AS reply_id,
    pg_temp.id('answer ' || told.seed, told.asked_at) AS answer_id,
    pg_temp.id(
        format('user %s of %s', 1 + floor(t.users * pg_temp.chance('decider ' || told.seed)), t.n),
        t.tenant_created_at
    ) AS decider_id,
    CASE
        WHEN told.outcome NOT IN ('sent', 'approved') THEN NULL
        WHEN pg_temp.chance('edit ' || told.seed) < 0.3 THEN 'edit'
        ELSE 'approve'
    END AS approval,
    CASE
        WHEN told.outcome = 'sent' THEN 'sent'
        WHEN told.outcome <> 'approved' THEN NULL
        WHEN t.status = 'open' THEN (ARRAY['held', 'scheduled', 'claimed', 'unknown'])[1 + t.i % 4]
        ELSE (ARRAY['failed', 'cancelled'])[1 + t.i % 2]
    END AS reply_status,
    pg_temp.prose('suggestion ' || told.seed, 80, 320) AS suggested_text,
    ' It ships on Friday.' AS correction
FROM thread AS t
CROSS JOIN LATERAL generate_series(1, t.exchanges) AS k
CROSS JOIN LATERAL (
    SELECT
        t.i || '.' || k AS seed,
        t.opened_at + (k - 1) * interval '8 hours' AS asked_at,
        CASE
            WHEN k < t.exchanges AND luck.chance < 0.78 THEN 'sent'
            WHEN k < t.exchanges AND luck.chance < 0.90 THEN 'superseded'
            WHEN k < t.exchanges THEN 'rejected'
            WHEN t.status = 'open' AND luck.chance < 0.45 THEN 'pending'
            WHEN t.status = 'open' AND luck.chance < 0.55 THEN 'approved'
            WHEN t.status = 'open' AND luck.chance < 0.65 AND k = 1 THEN 'awaited'
            WHEN luck.chance < 0.86 THEN 'sent'
            WHEN luck.chance < 0.94 THEN 'rejected'
            WHEN luck.chance < 0.97 THEN 'archived'
            ELSE 'approved'
        END AS outcome
    FROM (SELECT pg_temp.chance(format('exchange %s.%s', t.i, k)) AS chance) AS luck
) AS told
ORDER BY told.asked_at, t.i;

INSERT INTO inbox.conversations (
    tenant_id,
    id,
    channel_id,
    external_id,
    subject,
    status,
    customer_email,
    customer_name,
    last_message_at,
    last_inbound_at,
    draft_count,
    created_at,
    updated_at
)
SELECT
    t.tenant_id,
    t.id,
    t.channel_id,
    'TICKET-' || t.i,
    'Order ' || 1000 + t.i,
    t.status,
    format('customer-%s@example.com', t.i % 9000),
    'Customer ' || t.i % 9000,
    latest.message_at,
    latest.inbound_at,
    latest.drafts,
    t.opened_at,
    latest.message_at
FROM thread AS t
INNER JOIN (
    SELECT
        e.i,
        max(e.asked_at) AS inbound_at,
        max(CASE e.outcome WHEN 'sent' THEN e.sent_at ELSE e.asked_at END) AS message_at,
        count(*) FILTER (WHERE e.outcome <> 'awaited') AS drafts
    FROM exchange AS e
    GROUP BY e.i
) AS latest ON latest.i = t.i
ORDER BY t.i;

INSERT INTO inbox.messages (
    tenant_id, id, conversation_id, external_id, direction, body_text, sent_at, created_at, redacted_at
)
SELECT
    said.tenant_id,
    said.id,
    said.conversation_id,
    said.external_id,
    said.direction,
    CASE WHEN said.redacted_at IS NULL THEN said.body_text END,
    said.at,
    said.at,
    said.redacted_at
FROM (
    SELECT
        e.tenant_id,
        e.question_id AS id,
        e.conversation_id,
        'IN-' || e.seed AS external_id,
        'inbound' AS direction,
        pg_temp.prose('question ' || e.seed, 40, 400) AS body_text,
        e.asked_at AS at,
        e.redacted_at
    FROM exchange AS e
    UNION ALL
    SELECT
        e.tenant_id,
        e.answer_id,
        e.conversation_id,
        'OUT-' || e.seed,
        'outbound',
        e.suggested_text,
        e.sent_at,
        e.redacted_at
    FROM exchange AS e
    WHERE e.outcome = 'sent'
) AS said
ORDER BY said.at, said.external_id;

-- One question in twenty was edited upstream.
INSERT INTO inbox.message_versions (
    tenant_id, id, message_id, version, body_text, sent_at, created_at, redacted_at
)
SELECT
    e.tenant_id,
    pg_temp.id('version ' || e.seed, e.asked_at),
    e.question_id,
    2,
    CASE WHEN e.redacted_at IS NULL THEN 'An edited question.' END,
    e.asked_at,
    e.asked_at,
    e.redacted_at
FROM exchange AS e
WHERE e.k = 1 AND e.i % 20 = 0
ORDER BY e.asked_at, e.seed;

INSERT INTO drafts.drafts (
    tenant_id,
    id,
    conversation_id,
    trigger_message_id,
    author_user_id,
    version,
    status,
    model_key,
    prompt_version,
    suggested_text,
    top_sources,
    style_score,
    toxicity_score,
    tokens_in,
    tokens_out,
    cost_micros,
    latency_ms,
    superseded_by_id,
    created_at,
    updated_at,
    redacted_at
)
SELECT
    e.tenant_id,
    e.draft_id,
    e.conversation_id,
    e.question_id,
    CASE WHEN e.i % 10 = 3 THEN e.decider_id END,
    e.k,
    e.outcome,
    CASE WHEN e.i % 3 = 0 THEN 'gpt-4o' ELSE 'gpt-4o-mini' END,
    'v' || 1 + e.i / 6000,
    CASE WHEN e.redacted_at IS NULL THEN e.suggested_text END,
    CASE
        WHEN e.redacted_at IS NULL THEN '[{"url": "https://example.com/shipping", "score": 0.82}]'
        ELSE '[]'
    END::jsonb,
    pg_temp.chance('style ' || e.seed),
    pg_temp.chance('toxicity ' || e.seed) / 10,
    800 + e.i % 900,
    60 + e.i % 190,
    2000 + e.i % 9000,
    700 + e.i % 4000,
    CASE e.outcome
        WHEN 'superseded' THEN pg_temp.id(
            format('draft %s.%s', e.i, e.k + 1), e.asked_at + interval '8 hours'
        )
    END,
    e.drafted_at,
    coalesce(e.redacted_at, CASE e.outcome WHEN 'pending' THEN e.drafted_at ELSE e.decided_at END),
    e.redacted_at
FROM exchange AS e
WHERE e.outcome <> 'awaited'
ORDER BY e.drafted_at, e.i;

INSERT INTO drafts.draft_actions (
    tenant_id,
    id,
    draft_id,
    user_id,
    type,
    reason,
    final_text,
    diff,
    edit_distance,
    created_at,
    redacted_at
)
SELECT
    e.tenant_id,
    e.action_id,
    e.draft_id,
    e.decider_id,
    coalesce(e.approval, 'reject'),
    CASE WHEN e.approval IS NULL THEN 'It answers another question.' END,
    final.text,
    final.diff,
    CASE e.approval WHEN 'edit' THEN length(e.correction) END,
    e.decided_at,
    e.redacted_at
FROM exchange AS e
LEFT OUTER JOIN LATERAL (
    SELECT
        CASE e.approval WHEN 'edit' THEN e.suggested_text || e.correction ELSE e.suggested_text END AS text,
        CASE e.approval WHEN 'edit' THEN jsonb_build_array(
            jsonb_build_object('op', 'retain', 'count', length(e.suggested_text)),
            jsonb_build_object('op', 'insert', 'text', e.correction)
        ) END AS diff
) AS final ON e.approval IS NOT NULL AND e.redacted_at IS NULL
WHERE e.outcome NOT IN ('pending', 'awaited', 'superseded')
ORDER BY e.decided_at, e.i;

INSERT INTO drafts.draft_actions (tenant_id, id, draft_id, user_id, type, created_at, redacted_at)
SELECT
    e.tenant_id,
    pg_temp.id('archive ' || e.seed, e.asked_at),
    e.draft_id,
    e.decider_id,
    'archive',
    e.decided_at + interval '1 day',
    e.redacted_at
FROM exchange AS e
WHERE e.outcome = 'archived'
ORDER BY e.decided_at, e.i;

INSERT INTO drafts.scheduled_replies (
    tenant_id,
    id,
    conversation_id,
    draft_id,
    status,
    final_text,
    scheduled_for,
    attempts,
    locked_by,
    lease_id,
    lease_expires_at,
    error,
    external_id,
    message_id,
    sent_at,
    created_at,
    updated_at,
    redacted_at
)
SELECT
    e.tenant_id,
    e.reply_id,
    e.conversation_id,
    e.draft_id,
    e.reply_status,
    CASE WHEN e.redacted_at IS NULL THEN e.suggested_text END,
    CASE WHEN e.reply_status <> 'held' THEN e.decided_at END,
    CASE WHEN e.reply_status IN ('held', 'scheduled', 'cancelled') THEN 0 ELSE 1 END,
    CASE WHEN e.reply_status NOT IN ('held', 'scheduled', 'cancelled') THEN 'poster-' || e.i % 3 END,
    CASE
        WHEN e.reply_status NOT IN ('held', 'scheduled', 'cancelled')
            THEN pg_temp.id('lease ' || e.seed, e.asked_at)
    END,
    CASE e.reply_status WHEN 'claimed' THEN e.sent_at END,
    CASE WHEN e.reply_status IN ('failed', 'unknown') THEN 'connection refused' END,
    CASE e.reply_status WHEN 'sent' THEN 'OUT-' || e.seed END,
    CASE e.reply_status WHEN 'sent' THEN e.answer_id END,
    CASE e.reply_status WHEN 'sent' THEN e.sent_at END,
    e.decided_at,
    coalesce(e.redacted_at, e.sent_at),
    e.redacted_at
FROM exchange AS e
WHERE e.reply_status IS NOT NULL
ORDER BY e.decided_at, e.i;

-- After a restore the transactions count anew: those of the first epoch are all over, whatever this cluster has
-- counted since.
INSERT INTO operations.epochs (epoch, reason, started_at) VALUES (2, 'restored', '2026-01-01');

INSERT INTO drafts.learning_samples (
    tenant_id,
    id,
    epoch,
    xid,
    draft_id,
    action_id,
    model_key,
    prompt_version,
    suggested_text,
    final_text,
    diff,
    edit_distance,
    created_at
)
SELECT
    e.tenant_id,
    pg_temp.id('sample ' || e.seed, e.asked_at),
    1,
    (1000000 + 10 * e.i + e.k)::text::xid8,
    e.draft_id,
    e.action_id,
    'gpt-4o-mini',
    'v' || 1 + e.i / 6000,
    e.suggested_text,
    e.suggested_text || e.correction,
    jsonb_build_array(
        jsonb_build_object('op', 'retain', 'count', length(e.suggested_text)),
        jsonb_build_object('op', 'insert', 'text', e.correction)
    ),
    length(e.correction),
    e.decided_at
FROM exchange AS e
WHERE e.approval = 'edit'
ORDER BY e.decided_at, e.i;

INSERT INTO inbox.attachments (
    tenant_id, id, message_id, draft_id, file_name, mime_type, size_bytes, object_key, created_at
)
SELECT
    e.tenant_id,
    pg_temp.id(format('file %s of %s', f, e.seed), e.asked_at),
    CASE WHEN e.i % 12 < 9 THEN e.question_id END,
    CASE WHEN e.i % 12 >= 9 THEN e.draft_id END,
    format('photo-%s.jpeg', f),
    'image/jpeg',
    20000 + e.i,
    format('%s/%s/%s', e.tenant_id, e.seed, f),
    e.drafted_at
FROM exchange AS e
CROSS JOIN LATERAL generate_series(1, 1 + e.i % 2) AS f
WHERE e.i % 12 IN (3, 9)
    AND e.outcome <> 'awaited'
ORDER BY e.drafted_at, e.i, f;

-- Operations --------------------------------------------------------------------------------------------

INSERT INTO operations.jobs (
    tenant_id,
    id,
    type,
    unique_key,
    status,
    priority,
    payload,
    run_at,
    attempts,
    locked_by,
    lease_id,
    lease_expires_at,
    started_at,
    times_out_at,
    finished_at,
    error,
    created_at
)
SELECT
    asked.tenant_id,
    pg_temp.id('job ' || asked.seed, asked.at),
    asked.type,
    asked.unique_key,
    asked.status,
    CASE asked.type WHEN 'draft' THEN 0 ELSE -10 END,
    asked.payload,
    asked.at,
    CASE WHEN asked.status IN ('queued', 'cancelled') THEN 0 ELSE 1 END,
    CASE WHEN asked.status NOT IN ('queued', 'cancelled') THEN 'worker-' || asked.i % 4 END,
    CASE
        WHEN asked.status NOT IN ('queued', 'cancelled')
            THEN pg_temp.id('lease of job ' || asked.seed, asked.at)
    END,
    CASE asked.status WHEN 'running' THEN asked.at + interval '1 minute' END,
    CASE WHEN asked.status NOT IN ('queued', 'cancelled') THEN asked.at END,
    CASE WHEN asked.status NOT IN ('queued', 'cancelled') THEN asked.at + interval '30 minutes' END,
    CASE WHEN asked.status NOT IN ('queued', 'running') THEN asked.at + interval '20 seconds' END,
    CASE asked.status WHEN 'failed' THEN 'timeout' END,
    asked.at
FROM (
    SELECT
        e.tenant_id,
        e.seed,
        e.i,
        'draft' AS type,
        e.question_id::text AS unique_key,
        CASE
            WHEN e.outcome <> 'awaited' THEN 'succeeded'
            ELSE (ARRAY['queued', 'queued', 'running', 'failed'])[1 + e.i % 4]
        END AS status,
        jsonb_build_object('conversation_id', e.conversation_id, 'message_id', e.question_id) AS payload,
        e.asked_at AS at
    FROM exchange AS e
    UNION ALL
    SELECT
        t.id,
        format('%s of tenant %s', j, t.n),
        j,
        (ARRAY['crawl', 'ingest_goldens', 'corrections_sync'])[1 + j % 3],
        NULL,
        CASE
            WHEN luck.chance < 0.95 THEN 'succeeded'
            WHEN luck.chance < 0.98 THEN 'failed'
            ELSE 'cancelled'
        END,
        '{"site": "https://example.com"}',
        timestamptz '2025-01-01' + j * interval '56 hours' + t.n * interval '10 minutes'
    FROM tenant AS t
    CROSS JOIN generate_series(1, 150) AS j
    CROSS JOIN LATERAL (SELECT pg_temp.chance(format('job %s of %s', j, t.n)) AS chance) AS luck
    WHERE t.n <= 50
) AS asked
ORDER BY asked.at, asked.seed;

INSERT INTO operations.job_attempts (tenant_id, id, job_id, attempt, worker, error, started_at, finished_at)
SELECT
    j.tenant_id,
    pg_temp.id('attempt at job ' || j.id, j.created_at + interval '20 seconds'),
    j.id,
    1,
    j.locked_by,
    j.error,
    j.started_at,
    j.finished_at
FROM operations.jobs AS j
WHERE j.status = 'failed'
ORDER BY j.created_at, j.id;

INSERT INTO operations.job_limits (tenant_id, id, type, concurrency, queue_length, created_at, updated_at, revision)
SELECT
    t.id,
    pg_temp.id(format('limits of %s in tenant %s', k.type, t.n), t.created_at),
    k.type,
    CASE k.type WHEN 'crawl' THEN 5 END,
    CASE k.type WHEN 'crawl' THEN 1000 END,
    t.created_at,
    t.created_at,
    2
FROM tenant AS t
CROSS JOIN operations.job_types AS k
ORDER BY t.n, k.type;

INSERT INTO operations.notifications (tenant_id, id, user_id, type, payload, created_at)
SELECT
    e.tenant_id,
    pg_temp.id('notification ' || e.seed, e.asked_at),
    CASE e.reply_status WHEN 'failed' THEN e.decider_id END,
    CASE
        WHEN e.outcome = 'awaited' THEN 'job_failed'
        WHEN e.reply_status IN ('failed', 'unknown') THEN 'delivery_' || e.reply_status
        ELSE 'draft_ready'
    END,
    jsonb_build_object('draft_id', e.draft_id, 'conversation_id', e.conversation_id, 'version', e.k),
    e.drafted_at
FROM exchange AS e
ORDER BY e.drafted_at, e.i;

-- By who decided; the others leave it unread.
INSERT INTO operations.notification_reads (tenant_id, notification_id, user_id, read_at)
SELECT
    e.tenant_id,
    pg_temp.id('notification ' || e.seed, e.asked_at),
    e.decider_id,
    e.decided_at
FROM exchange AS e
WHERE e.outcome NOT IN ('pending', 'awaited') AND e.i % 50 <> 0 AND e.decider_id IS NOT NULL
ORDER BY e.drafted_at, e.i;

INSERT INTO operations.notification_preferences (tenant_id, user_id, muted)
SELECT
    u.tenant_id,
    u.id,
    '{draft_ready}'
FROM identity.users AS u
ORDER BY u.tenant_id, u.id;

INSERT INTO operations.events (
    tenant_id, id, epoch, xid, entity, entity_id, action, changes, actor, role, request_id, ip
)
SELECT
    told.tenant_id,
    pg_temp.id(format('event %s of %s', told.step, told.seed), told.at),
    1,
    (1000000 + 10 * told.i + told.step)::text::xid8,
    'drafts.drafts',
    told.entity_id,
    told.action,
    told.changes::jsonb,
    told.actor,
    told.role,
    md5('request ' || told.seed),
    '192.0.2.1'
FROM (
    SELECT
        e.tenant_id,
        e.i,
        e.seed,
        1 AS step,
        e.drafted_at AS at,
        e.draft_id AS entity_id,
        'INSERT' AS action,
        '{"status": [null, "pending"], "suggested_text": ["masked", "masked"]}' AS changes,
        'drafter' AS actor,
        NULL AS role
    FROM exchange AS e
    WHERE e.outcome <> 'awaited'
    UNION ALL
    SELECT
        e.tenant_id,
        e.i,
        e.seed,
        2,
        e.decided_at,
        e.draft_id,
        coalesce(upper(e.approval), 'REJECT'),
        '{"status": ["pending", "approved"]}',
        'user:' || e.decider_id,
        'agent'
    FROM exchange AS e
    WHERE e.outcome NOT IN ('pending', 'awaited', 'superseded')
) AS told
ORDER BY told.at, told.i, told.step;

INSERT INTO operations.source_documents (
    tenant_id, id, source_url, title, hash, indexed_at, next_refresh_at, created_at, updated_at
)
SELECT
    t.id,
    pg_temp.id(format('document %s of %s', d, t.n), t.created_at),
    format('https://tenant-%s.example/page-%s', t.n, d),
    'Page ' || d,
    md5(format('page %s of %s', d, t.n)),
    t.created_at + d * interval '1 hour',
    t.created_at + d * interval '1 hour' + interval '30 days',
    t.created_at + d * interval '1 hour',
    t.created_at + d * interval '1 hour'
FROM tenant AS t
CROSS JOIN LATERAL generate_series(1, t.documents) AS d
ORDER BY t.n, d;

INSERT INTO operations.idempotency_keys (
    tenant_id, caller, key, request_hash, status, headers, body, created_at, expires_at
)
SELECT
    e.tenant_id,
    'key:' || pg_temp.id(format('key 1 of %s', e.n), t.created_at),
    md5('idempotency key ' || e.seed),
    decode(repeat(md5('request ' || e.seed), 2), 'hex'),
    201,
    '{"Content-Type": "application/json"}',
    decode(repeat(md5('answer ' || e.seed), 8), 'hex'),
    e.asked_at,
    e.asked_at + interval '24 hours'
FROM exchange AS e
INNER JOIN tenant AS t ON t.n = e.n
WHERE e.i > 24000
ORDER BY e.asked_at, e.i;

-- What the samples name -----------------------------------------------------------------------------------

INSERT INTO identity.users (tenant_id, id, email, display_name, role, created_at, updated_at)
VALUES (
    pg_temp.sample('1'), pg_temp.sample('2'), 'person@example.com', 'Person', 'agent', '2025-12-31', '2025-12-31'
);

INSERT INTO identity.api_keys (tenant_id, id, name, prefix, secret_hash, scopes, created_at)
VALUES (
    pg_temp.sample('1'), pg_temp.sample('3'), 'Service', 'fedcba987654', '\x00', '{intake:write}', '2025-12-31'
);

INSERT INTO inbox.channels (tenant_id, id, type, external_id, name, created_at, updated_at)
VALUES (
    pg_temp.sample('1'), pg_temp.sample('4'), 'email', 'mailbox', 'Mailbox', '2025-12-31', '2025-12-31'
);

INSERT INTO inbox.conversations (
    tenant_id, id, channel_id, external_id, last_message_at, last_inbound_at, draft_count, created_at, updated_at
)
SELECT
    pg_temp.sample('1'),
    pg_temp.sample(named.digit),
    pg_temp.sample('4'),
    named.external_id,
    '2025-12-31',
    '2025-12-31',
    1,
    '2025-12-31',
    '2025-12-31'
FROM (
    VALUES
    ('5', 'TICKET-123'),
    ('c', 'TICKET-124')
) AS named (digit, external_id);

INSERT INTO inbox.messages (
    tenant_id, id, conversation_id, external_id, direction, body_text, sent_at, created_at
)
SELECT
    pg_temp.sample('1'),
    pg_temp.sample(named.digit),
    pg_temp.sample(named.conversation),
    'MESSAGE-0',
    'inbound',
    'Where is it?',
    '2025-12-31',
    '2025-12-31'
FROM (
    VALUES
    ('6', '5'),
    ('d', 'c')
) AS named (digit, conversation);

INSERT INTO drafts.drafts (
    tenant_id,
    id,
    conversation_id,
    trigger_message_id,
    version,
    status,
    model_key,
    prompt_version,
    suggested_text,
    created_at,
    updated_at
)
SELECT
    pg_temp.sample('1'),
    pg_temp.sample(named.digit),
    pg_temp.sample(named.conversation),
    pg_temp.sample(named.message),
    1,
    named.status,
    'gpt-4o-mini',
    'v1',
    'It is on its way.',
    '2025-12-31',
    '2025-12-31'
FROM (
    VALUES
    ('7', '5', '6', 'pending'),
    ('6', 'c', 'd', 'approved')
) AS named (digit, conversation, message, status);

INSERT INTO drafts.draft_actions (tenant_id, id, draft_id, user_id, type, final_text, created_at)
VALUES (
    pg_temp.sample('1'),
    pg_temp.sample('e'),
    pg_temp.sample('6'),
    pg_temp.sample('2'),
    'approve',
    'It is on its way.',
    '2025-12-31'
);

-- Leases that never end, for whatever day it is.
INSERT INTO drafts.scheduled_replies (
    tenant_id,
    id,
    conversation_id,
    draft_id,
    status,
    final_text,
    scheduled_for,
    attempts,
    locked_by,
    lease_id,
    lease_expires_at,
    created_at,
    updated_at
)
VALUES (
    pg_temp.sample('1'),
    pg_temp.sample('8'),
    pg_temp.sample('c'),
    pg_temp.sample('6'),
    'claimed',
    'It is on its way.',
    '2025-12-31',
    1,
    'poster-1',
    pg_temp.sample('9'),
    'infinity',
    '2025-12-31',
    '2025-12-31'
);

INSERT INTO operations.jobs (
    tenant_id,
    id,
    type,
    status,
    run_at,
    attempts,
    locked_by,
    lease_id,
    lease_expires_at,
    started_at,
    times_out_at,
    created_at
)
VALUES (
    pg_temp.sample('1'),
    pg_temp.sample('a'),
    'crawl',
    'running',
    '2025-12-31',
    1,
    'crawler-1',
    pg_temp.sample('9'),
    'infinity',
    '2025-12-31',
    'infinity',
    '2025-12-31'
);

INSERT INTO operations.notifications (tenant_id, id, type, payload, created_at)
VALUES (
    pg_temp.sample('1'),
    pg_temp.sample('b'),
    'draft_ready',
    jsonb_build_object('draft_id', pg_temp.sample('7'), 'conversation_id', pg_temp.sample('5'), 'version', 1),
    '2025-12-31'
);

INSERT INTO inbox.attachments (
    tenant_id, id, message_id, draft_id, file_name, mime_type, size_bytes, object_key, created_at
)
SELECT
    pg_temp.sample('1'),
    pg_temp.sample(named.digit),
    pg_temp.sample(named.message),
    pg_temp.sample(named.draft),
    'order.pdf',
    'application/pdf',
    1024,
    'order.pdf',
    '2025-12-31'
FROM (
    VALUES
    ('1', '6', NULL),
    ('2', NULL, '6')
) AS named (digit, message, draft);

INSERT INTO operations.events (
    tenant_id, id, epoch, xid, entity, entity_id, action, changes, actor
)
VALUES (
    pg_temp.sample('1'),
    pg_temp.sample('f'),
    1,
    '2000000',
    'drafts.drafts',
    pg_temp.sample('7'),
    'INSERT',
    '{"status": [null, "pending"]}',
    'key:' || pg_temp.sample('3')
);

INSERT INTO operations.idempotency_keys (
    tenant_id, caller, key, request_hash, status, headers, body, created_at, expires_at
)
VALUES (
    pg_temp.sample('1'),
    'key:' || pg_temp.sample('3'),
    '7d3f',
    '\x00',
    201,
    '{}',
    '\x00',
    '2025-12-31',
    '2026-01-01'
);
