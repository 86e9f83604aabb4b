-- Data of a reply desk and an inbox: bench.rows tweets and bench.rows conversations, spread evenly over
-- bench.tenants tenants. A tweet that is drafted has a pending draft. A conversation has one question and one draft;
-- every fifth is open and waits for a decision, the others were approved.
--
-- After functions.sql, in its transaction. Ids count up, as UUIDs of version 7 do: whoever knows the number of a row
-- knows its id.

INSERT INTO identity.tenants (id, name)
SELECT
    pg_temp.numbered('00000000', t),
    'Tenant ' || t
FROM generate_series(1, current_setting('bench.tenants')::bigint) AS t;

INSERT INTO identity.users (tenant_id, id, email, display_name, role)
SELECT
    pg_temp.numbered('00000000', t),
    pg_temp.numbered('01890000', t),
    format('agent@tenant-%s.example', t),
    'Agent',
    'agent'
FROM generate_series(1, current_setting('bench.tenants')::bigint) AS t;

INSERT INTO inbox.channels (tenant_id, id, type, external_id, name)
SELECT
    pg_temp.numbered('00000000', t),
    pg_temp.numbered('018a0000', t),
    'email',
    'mailbox',
    'Mailbox'
FROM generate_series(1, current_setting('bench.tenants')::bigint) AS t;

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
    draft_count,
    has_draft,
    created_at,
    updated_at
)
SELECT
    pg_temp.numbered('00000000', 1 + n % current_setting('bench.tenants')::bigint),
    pg_temp.numbered('01900000', n),
    n::text,
    'author' || n % 997,
    format('Number %s: ', n)
    || rpad('', 80 + (n % 160)::integer, 'the episode on fuel lines says what most shops get wrong about "fittings". '),
    timestamptz '2025-01-01' + n * interval '1 second',
    (ARRAY['relevant', 'skipped', 'relevant', 'drafted', 'unclassified', 'relevant', 'skipped'])[1 + n % 7],
    (n % 1000) / 1000.0,
    'gpt-4o-mini',
    CASE WHEN n % 3 = 0 THEN jsonb_build_object('language', 'en', 'verified', n % 2 = 0) END,
    CASE WHEN n % 7 = 3 THEN 1 ELSE 0 END,
    n % 7 = 3,
    timestamptz '2025-01-01' + n * interval '1 second',
    timestamptz '2025-01-01' + n * interval '1 second'
FROM generate_series(1, current_setting('bench.rows')::bigint) AS n;

INSERT INTO drafts.drafts (
    tenant_id, id, tweet_id, version, model_key, prompt_version, suggested_text, created_at, updated_at
)
SELECT
    t.tenant_id,
    ('019a0000' || substr(t.id::text, 9))::uuid,
    t.id,
    1,
    'gpt-4o-mini',
    'v1',
    'The episode says it in its first minutes: measure the line before you buy the fitting.',
    t.created_at,
    t.created_at
FROM tweets.tweets AS t
WHERE t.status = 'drafted';

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
    last_message_id,
    draft_count,
    created_at,
    updated_at
)
SELECT
    pg_temp.numbered('00000000', t.number),
    pg_temp.numbered('01910000', n),
    pg_temp.numbered('018a0000', t.number),
    'ticket-' || n,
    'Order ' || n,
    CASE WHEN n / current_setting('bench.tenants')::bigint % 5 = 0 THEN 'open' ELSE 'closed' END,
    format('customer-%s@example.com', n),
    'Customer ' || n,
    timestamptz '2025-01-01' + n * interval '1 second',
    timestamptz '2025-01-01' + n * interval '1 second',
    pg_temp.numbered('01920000', n),
    1,
    timestamptz '2025-01-01' + n * interval '1 second',
    timestamptz '2025-01-01' + n * interval '1 second'
FROM generate_series(1, current_setting('bench.rows')::bigint) AS n
CROSS JOIN LATERAL (SELECT 1 + n % current_setting('bench.tenants')::bigint AS number) AS t;

INSERT INTO inbox.messages (
    tenant_id, id, conversation_id, external_id, direction, subject, body_text, sent_at, created_at
)
SELECT
    pg_temp.numbered('00000000', t.number),
    pg_temp.numbered('01920000', n),
    pg_temp.numbered('01910000', n),
    'message-' || n,
    'inbound',
    'Order ' || n,
    rpad('', 100 + (n % 200)::integer, 'I ordered fuel line fittings last week, and they have not arrived. '),
    timestamptz '2025-01-01' + n * interval '1 second',
    timestamptz '2025-01-01' + n * interval '1 second'
FROM generate_series(1, current_setting('bench.rows')::bigint) AS n
CROSS JOIN LATERAL (SELECT 1 + n % current_setting('bench.tenants')::bigint AS number) AS t;

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
    top_sources,
    style_score,
    toxicity_score,
    tokens_in,
    tokens_out,
    cost_micros,
    latency_ms,
    created_at,
    updated_at,
    revision
)
SELECT
    pg_temp.numbered('00000000', t.number),
    pg_temp.numbered('01930000', n),
    pg_temp.numbered('01910000', n),
    pg_temp.numbered('01920000', n),
    1,
    CASE WHEN n / current_setting('bench.tenants')::bigint % 5 = 0 THEN 'pending' ELSE 'approved' END,
    'gpt-4o-mini',
    'v1',
    rpad('', 120 + (n % 240)::integer, 'Hi, your order left our warehouse on Tuesday. It arrives within 5 days. '),
    jsonb_build_array(jsonb_build_object('url', 'https://example.com/shipping', 'score', 0.82)),
    0.9,
    0.01,
    1200,
    110,
    5500,
    1420,
    timestamptz '2025-01-01' + n * interval '1 second',
    timestamptz '2025-01-01' + n * interval '1 second',
    1
FROM generate_series(1, current_setting('bench.rows')::bigint) AS n
CROSS JOIN LATERAL (SELECT 1 + n % current_setting('bench.tenants')::bigint AS number) AS t;

INSERT INTO drafts.draft_actions (tenant_id, id, draft_id, user_id, type, final_text, created_at)
SELECT
    d.tenant_id,
    ('01940000' || substr(d.id::text, 9))::uuid,
    d.id,
    ('01890000' || substr(d.tenant_id::text, 9))::uuid,
    'approve',
    d.suggested_text,
    d.created_at + interval '1 minute'
FROM drafts.drafts AS d
WHERE d.status = 'approved'
    AND d.conversation_id IS NOT NULL;

INSERT INTO drafts.scheduled_replies (
    tenant_id,
    id,
    conversation_id,
    draft_id,
    status,
    final_text,
    scheduled_for,
    created_at,
    updated_at
)
SELECT
    d.tenant_id,
    ('01950000' || substr(d.id::text, 9))::uuid,
    d.conversation_id,
    d.id,
    -- Not all the same: of a column with one value the planner takes any index that has the order.
    CASE right(d.id::text, 1) WHEN '1' THEN 'held' WHEN '2' THEN 'cancelled' ELSE 'scheduled' END,
    d.suggested_text,
    d.created_at + interval '1 minute',
    d.created_at + interval '1 minute',
    d.created_at + interval '1 minute'
FROM drafts.drafts AS d
WHERE d.status = 'approved'
    AND d.conversation_id IS NOT NULL;
