-- name: pipelines.import_run :maybe
-- A run that is over elsewhere, with all that came of it, in one statement. No row when it was imported before: then
-- nothing changes. Index: runs_external_id_key.
-- row: pipeline_run
-- param: tenant_id        uuid        = '00000000-0000-7000-8000-000000000001'
-- param: user_id          uuid        = '00000000-0000-7000-8000-000000000002'
-- param: external_id      text        = 'run-2025-01-21'
-- param: company_id       text        = 'lactalis-canada'
-- param: company_name     text        = 'Lactalis'
-- param: document_name    text        = 'trend-report.pdf'
-- param: document_url     text        = 'https://example.com/trend-report.pdf'
-- param: document_type    text NULL   = 'application/pdf'
-- param: document_size    bigint NULL = 1048576
-- param: pipeline_version text NULL   = '2.1'
-- param: status           text        = 'completed'
-- param: current_stage    int         = 5
-- param: error_message    text NULL   = NULL
-- param: created_at       timestamptz = '2025-01-21'
-- param: completed_at     timestamptz = '2025-01-21 00:10:00'
-- param: stages           jsonb       = '[]'
-- param: report           jsonb NULL  = NULL
-- param: cards            jsonb       = '[]'
-- single: one run is inserted
WITH run AS (
    INSERT INTO pipelines.runs AS r (
        tenant_id,
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
        created_at,
        completed_at
    )
    VALUES (
        :tenant_id,
        :user_id,
        :external_id,
        :company_id,
        :company_name,
        :document_name,
        :document_url,
        :document_type,
        :document_size,
        :pipeline_version,
        :status,
        :current_stage,
        :error_message,
        :created_at,
        :completed_at
    )
    ON CONFLICT (tenant_id, user_id, external_id) DO NOTHING
    RETURNING
        r.id,
        r.user_id,
        r.external_id,
        r.company_id,
        r.company_name,
        r.document_name,
        r.document_url,
        r.document_type,
        r.document_size,
        r.pipeline_version,
        r.status,
        r.current_stage,
        r.attempts,
        r.max_attempts,
        r.error_message,
        r.lease_expires_at,
        r.due_at,
        r.started_at,
        r.completed_at,
        (1000 * extract(EPOCH FROM r.completed_at - r.started_at))::bigint AS duration_ms,
        r.created_at,
        r.updated_at,
        r.revision
),

stage AS (
    INSERT INTO pipelines.stage_outputs AS s (
        tenant_id, run_id, user_id, stage_number, name, status, markdown_output, json_output
    )
    SELECT
        :tenant_id,
        run.id AS run_id,
        run.user_id,
        done.stage_number,
        done.name,
        'completed' AS status,
        done.markdown_output,
        done.json_output
    FROM run
    CROSS JOIN
        jsonb_to_recordset(:stages::jsonb)
            AS done (
                stage_number integer,
                name text,
                markdown_output text,
                json_output jsonb
            )
    RETURNING s.id
),

report AS (
    INSERT INTO pipelines.inspiration_reports AS i (
        tenant_id,
        run_id,
        user_id,
        inspiration1_title,
        inspiration1_content,
        inspiration1_elements,
        inspiration2_title,
        inspiration2_content,
        inspiration2_elements
    )
    SELECT
        :tenant_id,
        run.id AS run_id,
        run.user_id,
        given.inspiration1_title,
        given.inspiration1_content,
        given.inspiration1_elements,
        given.inspiration2_title,
        given.inspiration2_content,
        given.inspiration2_elements
    FROM run
    CROSS JOIN
        jsonb_to_record(:report::jsonb)
            AS given (
                inspiration1_title text,
                inspiration1_content text,
                inspiration1_elements text [],
                inspiration2_title text,
                inspiration2_content text,
                inspiration2_elements text []
            )
    WHERE :report::jsonb IS NOT NULL
    RETURNING i.id
),

card AS (
    INSERT INTO pipelines.opportunity_cards AS c (
        tenant_id, run_id, user_id, number, title, tagline, problem, solution, why_now, target_segment, quick_win
    )
    SELECT
        :tenant_id,
        run.id AS run_id,
        run.user_id,
        found.number,
        found.title,
        found.tagline,
        found.problem,
        found.solution,
        found.why_now,
        found.target_segment,
        found.quick_win
    FROM run
    CROSS JOIN
        jsonb_to_recordset(:cards::jsonb)
            AS found (
                number integer,
                title text,
                tagline text,
                problem text,
                solution text,
                why_now text,
                target_segment text,
                quick_win text
            )
    RETURNING c.id
)

SELECT
    run.id,
    run.user_id,
    run.external_id,
    run.company_id,
    run.company_name,
    run.document_name,
    run.document_url,
    run.document_type,
    run.document_size,
    run.pipeline_version,
    run.status,
    run.current_stage,
    run.attempts,
    run.max_attempts,
    run.error_message,
    run.lease_expires_at,
    run.due_at,
    run.started_at,
    run.completed_at,
    run.duration_ms,
    run.created_at,
    run.updated_at,
    run.revision
FROM run;
