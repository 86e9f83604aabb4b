-- Innovation pipelines: bench.runs runs, spread evenly over the users of bench.tenants tenants, each run with five
-- cards, five stage outputs and a report. A user has 20 companies, and starred the second card of 50 runs.
--
-- Run as fill.sql is, after it.

INSERT INTO pipelines.runs (
    tenant_id,
    id,
    user_id,
    external_id,
    company_id,
    company_name,
    document_name,
    document_url,
    document_type,
    document_size,
    pipeline_version,
    status,
    current_stage,
    error_message,
    started_at,
    completed_at,
    created_at,
    updated_at
)
SELECT
    pg_temp.numbered('00000000', t.number),
    pg_temp.numbered('01960000', n),
    pg_temp.numbered('01890000', t.number),
    'run-' || n,
    'company-' || t.nth % 20,
    'Company ' || t.nth % 20,
    format('report-%s.pdf', n),
    format('https://example.com/documents/report-%s.pdf', n),
    'application/pdf',
    1000 + n % 1000000,
    '1.0',
    t.status,
    CASE t.status WHEN 'completed' THEN 5 ELSE 0 END,
    CASE t.status WHEN 'failed' THEN 'the model did not answer' END,
    made.at,
    CASE WHEN t.status <> 'pending' THEN made.at + interval '4 minutes' END,
    made.at,
    made.at + interval '4 minutes'
FROM generate_series(1, current_setting('bench.runs')::bigint) AS n
CROSS JOIN LATERAL (SELECT timestamptz '2025-01-01' + n * interval '1 second' AS at) AS made
CROSS JOIN LATERAL (
    SELECT
        1 + n % current_setting('bench.tenants')::bigint AS number,
        n / current_setting('bench.tenants')::bigint AS nth,
        (
            ARRAY['completed', 'completed', 'completed', 'failed', 'completed', 'completed', 'pending', 'cancelled']
        )[1 + n / current_setting('bench.tenants')::bigint % 8] AS status
) AS t;

INSERT INTO pipelines.opportunity_cards (
    tenant_id,
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
    r.tenant_id,
    ('0197000' || card || substr(r.id::text, 9))::uuid,
    r.id,
    r.user_id,
    card,
    format('Opportunity %s of %s', card, r.document_name),
    'A line that says it all.',
    rpad('', 120, 'What the people of this segment cannot do today, and what it costs them. '),
    rpad('', 160, 'What would be made for them, by whom, and with what of what is already there. '),
    rpad('', 80, 'What changed, so that it is possible now. '),
    'Small shops',
    rpad('', 60, 'A week, one person, one customer. '),
    card = 2 AND right(r.external_id, -4)::bigint / current_setting('bench.tenants')::bigint <= 50,
    r.created_at,
    r.updated_at
FROM pipelines.runs AS r
CROSS JOIN generate_series(1, 5) AS card;

INSERT INTO pipelines.stage_outputs (
    tenant_id,
    id,
    run_id,
    user_id,
    stage_number,
    name,
    status,
    markdown_output,
    json_output,
    created_at,
    updated_at
)
SELECT
    r.tenant_id,
    ('0198000' || stage || substr(r.id::text, 9))::uuid,
    r.id,
    r.user_id,
    stage,
    'Stage ' || stage,
    'completed',
    rpad('', 400, E'## Findings\n\nWhat the stage found in the document, point by point. '),
    jsonb_build_object('points', stage * 3, 'confidence', 0.8),
    r.created_at,
    r.updated_at
FROM pipelines.runs AS r
CROSS JOIN generate_series(1, 5) AS stage;

INSERT INTO pipelines.inspiration_reports (
    tenant_id,
    id,
    run_id,
    user_id,
    inspiration1_title,
    inspiration1_content,
    inspiration1_elements,
    inspiration2_title,
    inspiration2_content,
    created_at,
    updated_at
)
SELECT
    r.tenant_id,
    ('01990000' || substr(r.id::text, 9))::uuid,
    r.id,
    r.user_id,
    'A bakery',
    rpad('', 200, 'What can be learned from it. '),
    '{trust,habit}',
    'A library',
    rpad('', 200, 'What can be learned from it. '),
    r.created_at,
    r.updated_at
FROM pipelines.runs AS r;
