-- What ../fill.sql and ../runs.sql make, in the plain schema, with the same ids: as many rows of each kind in as many
-- accounts. Tweets belong to no account there.

CREATE TEMPORARY TABLE account ON COMMIT DROP AS
SELECT
    t AS number,
    '00000000-0000-7000-8000-' || lpad(to_hex(t), 12, '0') AS id,
    '01890000-0000-7000-8000-' || lpad(to_hex(t), 12, '0') AS user_id,
    '018a0000-0000-7000-8000-' || lpad(to_hex(t), 12, '0') AS channel_id
FROM generate_series(1, current_setting('bench.tenants')::bigint) AS t;

INSERT INTO accounts (id, name, updated_at)
SELECT
    id,
    'Account ' || number,
    now()
FROM account;

INSERT INTO users (id, account_id, email, display_name, updated_at)
SELECT
    user_id,
    id,
    format('agent@account-%s.example', number),
    'Agent',
    now()
FROM account;

INSERT INTO channels (id, account_id, type, external_id, name, updated_at)
SELECT
    channel_id,
    id,
    'email',
    CASE number WHEN 1 THEN 'mailbox' ELSE 'mailbox-' || number END,
    'Mailbox',
    now()
FROM account;

CREATE TEMPORARY TABLE numbered ON COMMIT DROP AS
SELECT
    n,
    '-0000-7000-8000-' || lpad(to_hex(n), 12, '0') AS tail,
    timestamp '2025-01-01' + n * interval '1 second' AS at,
    n / current_setting('bench.tenants')::bigint AS nth,
    a.id AS account_id,
    a.user_id,
    a.channel_id
FROM generate_series(1, current_setting('bench.rows')::bigint) AS n
INNER JOIN account AS a ON a.number = 1 + n % current_setting('bench.tenants')::bigint;

INSERT INTO tweets (
    id,
    external_id,
    author_handle,
    full_text,
    text_preview,
    posted_at,
    status,
    relevance_score,
    flags,
    created_at,
    updated_at
)
SELECT
    '01900000' || t.tail,
    t.n::text,
    'author' || t.n % 997,
    t.full_text,
    left(t.full_text, 160),
    t.at,
    (
        ARRAY['relevant', 'skipped', 'relevant', 'drafted', 'unclassified', 'relevant', 'skipped']
    )[1 + t.n % 7]::tweet_status,
    (t.n % 1000) / 1000.0,
    CASE WHEN t.n % 3 = 0 THEN jsonb_build_object('language', 'en', 'verified', t.n % 2 = 0) END,
    t.at,
    t.at
FROM (
    SELECT
        *,
        format('Number %s: ', n)
        || rpad(
            '', 80 + (n % 160)::integer, 'the episode on fuel lines says what most shops get wrong about "fittings". '
        ) AS full_text
    FROM numbered
) AS t;

INSERT INTO draft_replies (id, tweet_id, model_name, prompt_version, version, text, created_at, updated_at)
SELECT
    '019a0000' || substr(t.id, 9),
    t.id,
    'gpt-4o-mini',
    'v1',
    1,
    'The episode says it in its first minutes: measure the line before you buy the fitting.',
    t.created_at,
    t.created_at
FROM tweets AS t
WHERE t.status = 'drafted';

INSERT INTO conversations (
    id, account_id, channel_id, external_id, subject, status, customer_email, customer_name, created_at, updated_at
)
SELECT
    '01910000' || tail,
    account_id,
    channel_id,
    'ticket-' || n,
    'Order ' || n,
    CASE WHEN nth % 5 = 0 THEN 'open' ELSE 'closed' END,
    format('customer-%s@example.com', n),
    'Customer ' || n,
    at,
    at
FROM numbered;

INSERT INTO messages (id, conversation_id, external_id, direction, subject, body_text, sent_at)
SELECT
    '01920000' || tail,
    '01910000' || tail,
    'message-' || n,
    'inbound',
    'Order ' || n,
    rpad('', 100 + (n % 200)::integer, 'I ordered fuel line fittings last week, and they have not arrived. '),
    at
FROM numbered;

INSERT INTO drafts (
    id,
    conversation_id,
    trigger_message_id,
    model_key,
    prompt_version,
    status,
    suggested_text,
    top_sources,
    created_at,
    updated_at
)
SELECT
    '01930000' || tail,
    '01910000' || tail,
    '01920000' || tail,
    'gpt-4o-mini',
    'v1',
    (CASE WHEN nth % 5 = 0 THEN 'pending' ELSE 'sent' END)::draft_status,
    rpad('', 120 + (n % 240)::integer, 'Hi, your order left our warehouse on Tuesday. It arrives within 5 days. '),
    jsonb_build_array(jsonb_build_object('url', 'https://example.com/shipping', 'score', 0.82)),
    at,
    at
FROM numbered;

INSERT INTO draft_actions (id, draft_id, user_id, type, final_text, created_at)
SELECT
    '01940000' || n.tail,
    d.id,
    n.user_id,
    'approve',
    d.suggested_text,
    n.at + interval '1 minute'
FROM numbered AS n
INNER JOIN drafts AS d ON d.id = '01930000' || n.tail
WHERE d.status = 'sent';

INSERT INTO messages (id, conversation_id, direction, body_text, sent_at)
SELECT
    '019b0000' || n.tail,
    d.conversation_id,
    'outbound',
    d.suggested_text,
    n.at + interval '1 minute'
FROM numbered AS n
INNER JOIN drafts AS d ON d.id = '01930000' || n.tail
WHERE d.status = 'sent';

INSERT INTO runs (
    id,
    user_id,
    company_id,
    company_name,
    document_name,
    document_url,
    status,
    current_stage,
    error_message,
    created_at,
    updated_at,
    completed_at
)
SELECT
    '01960000' || r.tail,
    r.user_id,
    'company-' || r.nth % 20,
    'Company ' || r.nth % 20,
    format('report-%s.pdf', r.n),
    format('https://example.com/documents/report-%s.pdf', r.n),
    r.status,
    CASE r.status WHEN 'completed' THEN 5 ELSE 0 END,
    CASE r.status WHEN 'failed' THEN 'the model did not answer' END,
    r.at,
    r.at + interval '4 minutes',
    CASE WHEN r.status <> 'pending' THEN r.at + interval '4 minutes' END
FROM (
    SELECT
        *,
        (
            ARRAY['completed', 'completed', 'completed', 'failed', 'completed', 'completed', 'pending', 'cancelled']
        )[1 + nth % 8]::run_status AS status
    FROM numbered
) AS r;

INSERT INTO opportunity_cards (
    id,
    run_id,
    user_id,
    number,
    title,
    tagline,
    problem,
    solution,
    why_now,
    target_segment,
    quick_win,
    starred,
    created_at,
    updated_at
)
SELECT
    '0197000' || card || n.tail,
    '01960000' || n.tail,
    n.user_id,
    card,
    format('Opportunity %s of report-%s.pdf', card, n.n),
    'A line that says it all.',
    rpad('', 120, 'What the people of this segment cannot do today, and what it costs them. '),
    rpad('', 160, 'What would be made for them, by whom, and with what of what is already there. '),
    rpad('', 80, 'What changed, so that it is possible now. '),
    'Small shops',
    rpad('', 60, 'A week, one person, one customer. '),
    card = 2 AND n.nth <= 50,
    n.at,
    n.at
FROM numbered AS n
CROSS JOIN generate_series(1, 5) AS card;

INSERT INTO stage_outputs (id, run_id, stage_number, markdown_output, json_output, created_at)
SELECT
    '0198000' || stage || n.tail,
    '01960000' || n.tail,
    stage,
    rpad('', 400, E'## Findings\n\nWhat the stage found in the document, point by point. '),
    jsonb_build_object('points', stage * 3, 'confidence', 0.8),
    n.at
FROM numbered AS n
CROSS JOIN generate_series(1, 5) AS stage;

INSERT INTO inspiration_reports (
    id,
    run_id,
    inspiration1_title,
    inspiration1_content,
    inspiration1_elements,
    inspiration2_title,
    inspiration2_content,
    inspiration2_elements,
    created_at,
    updated_at
)
SELECT
    '01990000' || tail,
    '01960000' || tail,
    'A bakery',
    rpad('', 200, 'What can be learned from it. '),
    '{trust,habit}',
    'A library',
    rpad('', 200, 'What can be learned from it. '),
    '{}',
    at,
    at
FROM numbered;
