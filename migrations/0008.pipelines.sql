-- Innovation pipelines: runs over a document, what their stages put out, inspiration reports, opportunity cards.
-- depends: 0007.drafts

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA pipelines;

COMMENT ON SCHEMA pipelines IS
'Innovation pipelines: a user''s runs over a document, their stages, reports and opportunity cards.';

GRANT USAGE ON SCHEMA pipelines TO app_rw, app_ro;

-- Runs ----------------------------------------------------------------------------------------------

CREATE TABLE pipelines.runs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    user_id uuid NOT NULL,
    external_id text,
    company_id text NOT NULL,
    company_name text NOT NULL,
    document_name text NOT NULL,
    document_url text NOT NULL,
    document_type text,
    document_size bigint,
    pipeline_version text,
    status text NOT NULL DEFAULT 'pending',
    current_stage integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 3,
    locked_by text,
    lease_id uuid,
    lease_expires_at timestamptz,
    error_message text,
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT runs_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT runs_user_key UNIQUE (tenant_id, id, user_id),
    CONSTRAINT runs_external_id_key UNIQUE (tenant_id, user_id, external_id),
    CONSTRAINT runs_external_id_check
    CHECK (NOT operations.is_blank(external_id) AND length(external_id) <= 200),
    CONSTRAINT runs_company_id_check CHECK (NOT operations.is_blank(company_id) AND length(company_id) <= 100),
    CONSTRAINT runs_company_name_check
    CHECK (NOT operations.is_blank(company_name) AND length(company_name) <= 200),
    CONSTRAINT runs_document_name_check
    CHECK (NOT operations.is_blank(document_name) AND length(document_name) <= 300),
    CONSTRAINT runs_document_url_check CHECK (
        document_url ~* '^https?://[^[:space:]/]+[^[:space:]]*$' AND octet_length(document_url) <= 2048
    ),
    CONSTRAINT runs_document_type_check
    CHECK (document_type IN ('application/pdf', 'text/plain', 'text/markdown')),
    CONSTRAINT runs_document_size_check CHECK (document_size BETWEEN 1 AND 26214400),
    CONSTRAINT runs_pipeline_version_check
    CHECK (NOT operations.is_blank(pipeline_version) AND length(pipeline_version) <= 100),
    CONSTRAINT runs_status_check
    CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT runs_current_stage_check CHECK (current_stage BETWEEN 0 AND 5),
    CONSTRAINT runs_last_stage_check CHECK (status <> 'completed' OR current_stage = 5),
    CONSTRAINT runs_attempts_check CHECK (attempts >= 0 AND max_attempts BETWEEN 1 AND 100),
    CONSTRAINT runs_locked_by_check CHECK (length(locked_by) BETWEEN 1 AND 200),
    CONSTRAINT runs_lease_check CHECK (
        (status = 'running') = (lease_expires_at IS NOT NULL)
        AND (status <> 'running' OR (lease_id IS NOT NULL AND locked_by IS NOT NULL))
    ),
    CONSTRAINT runs_error_check CHECK (
        CASE status
            WHEN 'failed' THEN error_message IS NOT NULL
            WHEN 'completed' THEN error_message IS NULL
            ELSE true
        END
    ),
    CONSTRAINT runs_error_message_check CHECK (
        NOT operations.is_blank(error_message) AND octet_length(error_message) <= 8192
    ),
    CONSTRAINT runs_completed_check
    CHECK ((status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL))
);

COMMENT ON TABLE pipelines.runs IS
'A user''s runs of the pipeline over a document: worked on under a lease, stage by stage.';
COMMENT ON COLUMN pipelines.runs.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN pipelines.runs.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN pipelines.runs.user_id IS 'The user whose run it is: row-level security compares it.';
COMMENT ON COLUMN pipelines.runs.external_id IS
'What the run was called where it was imported from: imported again, it is there once. NULL if it began here.';
COMMENT ON COLUMN pipelines.runs.company_id IS
'The company that the run is for, as the client calls it, such as lactalis-canada.';
COMMENT ON COLUMN pipelines.runs.company_name IS 'The company''s name for people.';
COMMENT ON COLUMN pipelines.runs.document_name IS 'The file name of the document, 1 to 300 characters.';
COMMENT ON COLUMN pipelines.runs.document_url IS
'Where the document lies in object storage, http or https.';
COMMENT ON COLUMN pipelines.runs.document_type IS
'The media type: application/pdf, text/plain or text/markdown; NULL if unknown.';
COMMENT ON COLUMN pipelines.runs.document_size IS 'In bytes, at most 25 MB; NULL if unknown.';
COMMENT ON COLUMN pipelines.runs.pipeline_version IS
'The version of the pipeline that worked on it last, as the worker calls it; NULL if it did not say.';
COMMENT ON COLUMN pipelines.runs.status IS
'pending, running, completed, failed or cancelled; operations.status_transitions has the legal changes.';
COMMENT ON COLUMN pipelines.runs.current_stage IS
'The furthest stage that it reached: 0 before the first, at most 5. It never goes back.';
COMMENT ON COLUMN pipelines.runs.due_at IS
'From when on a worker may claim it, while it is pending; moved on by the backoff after a failure, or when a lease ran
out.';
COMMENT ON COLUMN pipelines.runs.attempts IS 'How often it was claimed.';
COMMENT ON COLUMN pipelines.runs.max_attempts IS
'How often it is claimed before a lost lease or a failure is final.';
COMMENT ON COLUMN pipelines.runs.locked_by IS 'The worker that claimed it last, for people to read.';
COMMENT ON COLUMN pipelines.runs.lease_id IS
'New for each claim: who reports with an older one has lost the run. It stays after a report, so that the same again
is answered as before; NULL once the lease ran out.';
COMMENT ON COLUMN pipelines.runs.lease_expires_at IS
'Until when the worker has it; NULL unless it is running.';
COMMENT ON COLUMN pipelines.runs.error_message IS
'Why it failed, at most 8 KB, or why the attempt before did; NULL once it is completed.';
COMMENT ON COLUMN pipelines.runs.started_at IS 'When it was last claimed; NULL if it never was.';
COMMENT ON COLUMN pipelines.runs.completed_at IS
'When it was completed, failed or was cancelled; NULL before.';
COMMENT ON COLUMN pipelines.runs.created_at IS 'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN pipelines.runs.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN pipelines.runs.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT runs_user_fkey ON pipelines.runs IS 'user_id: there is no such user';
COMMENT ON CONSTRAINT runs_external_id_key ON pipelines.runs IS 'external_id: such a run was imported';
COMMENT ON CONSTRAINT runs_external_id_check ON pipelines.runs IS
'external_id: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT runs_company_id_check ON pipelines.runs IS
'company_id: must have 1 to 100 characters that are not blank';
COMMENT ON CONSTRAINT runs_company_name_check ON pipelines.runs IS
'company_name: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT runs_document_name_check ON pipelines.runs IS
'document_name: must have 1 to 300 characters that are not blank';
COMMENT ON CONSTRAINT runs_document_url_check ON pipelines.runs IS
'document_url: must be an address that begins with http:// or https://, of at most 2048 bytes';
COMMENT ON CONSTRAINT runs_document_type_check ON pipelines.runs IS
'document_type: must be application/pdf, text/plain or text/markdown';
COMMENT ON CONSTRAINT runs_document_size_check ON pipelines.runs IS
'document_size: must be from 1 byte to 25 MB';
COMMENT ON CONSTRAINT runs_pipeline_version_check ON pipelines.runs IS
'pipeline_version: must have 1 to 100 characters that are not blank';
COMMENT ON CONSTRAINT runs_status_check ON pipelines.runs IS
'status: must be pending, running, completed, failed or cancelled';
COMMENT ON CONSTRAINT runs_current_stage_check ON pipelines.runs IS 'current_stage: must be from 0 to 5';
COMMENT ON CONSTRAINT runs_last_stage_check ON pipelines.runs IS
'current_stage: a completed run has reached stage 5';
COMMENT ON CONSTRAINT runs_attempts_check ON pipelines.runs IS 'max_attempts: must be from 1 to 100';
COMMENT ON CONSTRAINT runs_locked_by_check ON pipelines.runs IS 'locked_by: must have 1 to 200 characters';
COMMENT ON CONSTRAINT runs_lease_check ON pipelines.runs IS
'lease_expires_at: a running run has a lease, no other has';
COMMENT ON CONSTRAINT runs_error_check ON pipelines.runs IS
'error_message: a failed run says why, a completed one has none';
COMMENT ON CONSTRAINT runs_error_message_check ON pipelines.runs IS
'error_message: must not be blank, and at most 8 KB';
COMMENT ON CONSTRAINT runs_completed_check ON pipelines.runs IS
'completed_at: a run that is over has it, no other has';

CREATE INDEX runs_created ON pipelines.runs (tenant_id, user_id, created_at, id);
CREATE INDEX runs_status ON pipelines.runs (tenant_id, user_id, status, created_at, id);
CREATE INDEX runs_company ON pipelines.runs (tenant_id, user_id, company_id, created_at, id);
CREATE INDEX runs_company_of_tenant ON pipelines.runs (tenant_id, company_id);
CREATE INDEX runs_due ON pipelines.runs (tenant_id, due_at, id) WHERE status = 'pending';
CREATE INDEX runs_leased ON pipelines.runs (tenant_id, lease_expires_at) WHERE status = 'running';

CALL operations.protect(
    'pipelines.runs', rows => 'user',
    shown => '{user_id,document_type,document_size,pipeline_version,status,current_stage,due_at,attempts,max_attempts,started_at,completed_at,created_at}',  -- noqa: LT05
    fixed => '{user_id,external_id,company_id,company_name,document_name,document_url,document_type,document_size,created_at}',  -- noqa: LT05
    writes => '{INSERT,UPDATE,DELETE}'
);

CREATE FUNCTION pipelines.refuse_earlier_stage() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'a run cannot go from stage % to stage %', OLD.current_stage, NEW.current_stage
    USING ERRCODE = 'DR001';
END
$$;

COMMENT ON FUNCTION pipelines.refuse_earlier_stage() IS
'BEFORE a change of current_stage to an earlier one: refuses it, with SQLSTATE DR001.';

-- A run that is over elsewhere is imported as what it became.
INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('pipelines.runs', 'new', 'pending'),
('pipelines.runs', 'new', 'completed'),
('pipelines.runs', 'new', 'failed'),
('pipelines.runs', 'pending', 'running'),
('pipelines.runs', 'pending', 'cancelled'),
('pipelines.runs', 'running', 'pending'),
('pipelines.runs', 'running', 'completed'),
('pipelines.runs', 'running', 'failed'),
('pipelines.runs', 'running', 'cancelled');

CALL operations.guard_status('pipelines.runs');

CREATE TRIGGER refuse_earlier_stage BEFORE UPDATE ON pipelines.runs
FOR EACH ROW WHEN (new.current_stage < old.current_stage)
EXECUTE FUNCTION pipelines.refuse_earlier_stage();

CREATE FUNCTION pipelines.tell_user() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO operations.notifications (tenant_id, user_id, type, payload)
    VALUES (
        NEW.tenant_id,
        NEW.user_id,
        CASE WHEN NEW.status = 'completed' THEN 'run_finished' ELSE 'run_failed' END,
        jsonb_build_object('pipeline_run_id', NEW.id)
    );
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION pipelines.tell_user() IS
'AFTER a run was completed, or has failed for good, whoever writes: notifies its user.';

-- Not of one that is imported: it was over before.
CREATE TRIGGER tell_user AFTER UPDATE ON pipelines.runs
FOR EACH ROW WHEN (old.status <> new.status AND new.status IN ('completed', 'failed'))
EXECUTE FUNCTION pipelines.tell_user();

-- Stage outputs -------------------------------------------------------------------------------------

CREATE TABLE pipelines.stage_outputs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    run_id uuid NOT NULL,
    user_id uuid NOT NULL,
    stage_number integer NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    markdown_output text,
    json_output jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT stage_outputs_run_fkey FOREIGN KEY (tenant_id, run_id, user_id)
    REFERENCES pipelines.runs (tenant_id, id, user_id) ON DELETE CASCADE,
    CONSTRAINT stage_outputs_stage_key UNIQUE (tenant_id, run_id, stage_number),
    CONSTRAINT stage_outputs_stage_number_check CHECK (stage_number BETWEEN 1 AND 5),
    CONSTRAINT stage_outputs_name_check CHECK (NOT operations.is_blank(name) AND length(name) <= 100),
    CONSTRAINT stage_outputs_status_check CHECK (status IN ('running', 'completed', 'failed')),
    CONSTRAINT stage_outputs_completed_check
    CHECK (status <> 'completed' OR markdown_output IS NOT NULL),
    CONSTRAINT stage_outputs_markdown_output_check CHECK (
        NOT operations.is_blank(markdown_output) AND octet_length(markdown_output) <= 1048576
    ),
    CONSTRAINT stage_outputs_json_output_check CHECK (
        jsonb_typeof(json_output) IN ('object', 'array') AND octet_length(json_output::text) < 65536
    )
);

COMMENT ON TABLE pipelines.stage_outputs IS 'What each of the five stages of a run put out: one row for each stage.';
COMMENT ON COLUMN pipelines.stage_outputs.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN pipelines.stage_outputs.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN pipelines.stage_outputs.run_id IS 'The run.';
COMMENT ON COLUMN pipelines.stage_outputs.user_id IS
'The user whose run it is: the key to the run holds it, and row-level security compares it.';
COMMENT ON COLUMN pipelines.stage_outputs.stage_number IS 'From 1 to 5.';
COMMENT ON COLUMN pipelines.stage_outputs.name IS 'What the stage is called, such as Signal Amplification.';
COMMENT ON COLUMN pipelines.stage_outputs.status IS
'running, completed or failed; operations.status_transitions has the legal changes. What is running when the run ends
has failed, by pipelines.end_stages().';
COMMENT ON COLUMN pipelines.stage_outputs.markdown_output IS
'The full text, at most 1 MB; NULL unless there is one.';
COMMENT ON COLUMN pipelines.stage_outputs.json_output IS
'The data that was parsed from it, an object or an array, under 64 KB; NULL if none was.';
COMMENT ON COLUMN pipelines.stage_outputs.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN pipelines.stage_outputs.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN pipelines.stage_outputs.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT stage_outputs_run_fkey ON pipelines.stage_outputs IS 'run_id: the user has no such run';
COMMENT ON CONSTRAINT stage_outputs_stage_key ON pipelines.stage_outputs IS
'stage_number: the run has an output of this stage';
COMMENT ON CONSTRAINT stage_outputs_stage_number_check ON pipelines.stage_outputs IS
'stage_number: must be from 1 to 5';
COMMENT ON CONSTRAINT stage_outputs_name_check ON pipelines.stage_outputs IS
'name: must have 1 to 100 characters that are not blank';
COMMENT ON CONSTRAINT stage_outputs_status_check ON pipelines.stage_outputs IS
'status: must be running, completed or failed';
COMMENT ON CONSTRAINT stage_outputs_completed_check ON pipelines.stage_outputs IS
'markdown_output: is required of a completed stage';
COMMENT ON CONSTRAINT stage_outputs_markdown_output_check ON pipelines.stage_outputs IS
'markdown_output: must not be blank, and at most 1 MB';
COMMENT ON CONSTRAINT stage_outputs_json_output_check ON pipelines.stage_outputs IS
'json_output: must be an object or an array, and under 64 KB';

CALL operations.protect(
    'pipelines.stage_outputs', rows => 'user',
    shown => '{run_id,user_id,stage_number,status,created_at}',
    fixed => '{run_id,user_id,stage_number,created_at}'
);

-- Nothing leads away from completed: a report that comes late takes nothing back.
INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('pipelines.stage_outputs', 'new', 'running'),
('pipelines.stage_outputs', 'new', 'completed'),
('pipelines.stage_outputs', 'new', 'failed'),
('pipelines.stage_outputs', 'running', 'completed'),
('pipelines.stage_outputs', 'running', 'failed'),
('pipelines.stage_outputs', 'failed', 'running'),
('pipelines.stage_outputs', 'failed', 'completed');

CALL operations.guard_status('pipelines.stage_outputs');

CREATE FUNCTION pipelines.require_open_run() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    run_status text;
    is_imported boolean;
BEGIN
    -- Locks out the end of the run until the stage is there to end with it.
    SELECT
        r.status,
        r.external_id IS NOT NULL
    INTO run_status, is_imported
    FROM pipelines.runs AS r
    WHERE r.tenant_id = NEW.tenant_id
        AND r.id = NEW.run_id
        AND r.user_id = NEW.user_id
    FOR NO KEY UPDATE;
    IF
        NEW.status = 'running' AND run_status <> 'running'
        -- What is imported brings its stages along.
        OR run_status IN ('failed', 'cancelled') AND NOT (TG_OP = 'INSERT' AND is_imported)
        -- A completion has the last stage, also when it is reported again.
        OR run_status = 'completed' AND TG_OP = 'UPDATE' AND NEW.stage_number < 5
    THEN
        RAISE EXCEPTION 'a run that is % takes no report that stage % is %', run_status, NEW.stage_number, NEW.status
        USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION pipelines.require_open_run() IS
'BEFORE a stage is reported: refuses it when its run is over, and one that is running in a run that is not. With
SQLSTATE DR001.';

CREATE TRIGGER require_open_run BEFORE INSERT OR UPDATE ON pipelines.stage_outputs
FOR EACH ROW WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION pipelines.require_open_run();

CREATE FUNCTION pipelines.end_stages() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE pipelines.stage_outputs AS s
    SET status = 'failed'
    WHERE s.tenant_id = NEW.tenant_id
        AND s.run_id = NEW.id
        AND s.status = 'running';
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION pipelines.end_stages() IS
'AFTER a run ended, or lost its worker: a stage that is still running has failed. The next worker may begin it again.';

CREATE TRIGGER end_stages AFTER UPDATE ON pipelines.runs
FOR EACH ROW WHEN (old.status = 'running' AND new.status <> 'running')
EXECUTE FUNCTION pipelines.end_stages();

-- Inspiration reports -------------------------------------------------------------------------------

CREATE TABLE pipelines.inspiration_reports (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    run_id uuid NOT NULL,
    user_id uuid NOT NULL,
    inspiration1_title text NOT NULL,
    inspiration1_content text NOT NULL,
    inspiration1_elements text [] NOT NULL DEFAULT '{}',
    inspiration2_title text NOT NULL,
    inspiration2_content text NOT NULL,
    inspiration2_elements text [] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT inspiration_reports_run_fkey FOREIGN KEY (tenant_id, run_id, user_id)
    REFERENCES pipelines.runs (tenant_id, id, user_id) ON DELETE CASCADE,
    CONSTRAINT inspiration_reports_run_key UNIQUE (tenant_id, run_id),
    CONSTRAINT inspiration_reports_inspiration1_title_check
    CHECK (NOT operations.is_blank(inspiration1_title) AND length(inspiration1_title) <= 300),
    CONSTRAINT inspiration_reports_inspiration1_content_check CHECK (
        NOT operations.is_blank(inspiration1_content) AND octet_length(inspiration1_content) <= 65536
    ),
    CONSTRAINT inspiration_reports_inspiration1_elements_check CHECK (
        cardinality(inspiration1_elements) <= 100
        AND coalesce(array_ndims(inspiration1_elements), 1) = 1
        AND array_position(inspiration1_elements, NULL) IS NULL
    ),
    CONSTRAINT inspiration_reports_inspiration2_title_check
    CHECK (NOT operations.is_blank(inspiration2_title) AND length(inspiration2_title) <= 300),
    CONSTRAINT inspiration_reports_inspiration2_content_check CHECK (
        NOT operations.is_blank(inspiration2_content) AND octet_length(inspiration2_content) <= 65536
    ),
    CONSTRAINT inspiration_reports_inspiration2_elements_check CHECK (
        cardinality(inspiration2_elements) <= 100
        AND coalesce(array_ndims(inspiration2_elements), 1) = 1
        AND array_position(inspiration2_elements, NULL) IS NULL
    )
);

COMMENT ON TABLE pipelines.inspiration_reports IS 'What the first stage found to be inspired by: one report of a run.';
COMMENT ON COLUMN pipelines.inspiration_reports.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN pipelines.inspiration_reports.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN pipelines.inspiration_reports.run_id IS 'The run, which has one report.';
COMMENT ON COLUMN pipelines.inspiration_reports.user_id IS
'The user whose run it is: the key to the run holds it, and row-level security compares it.';
COMMENT ON COLUMN pipelines.inspiration_reports.inspiration1_title IS
'The title of the first inspiration.';
COMMENT ON COLUMN pipelines.inspiration_reports.inspiration1_content IS
'The text of the first inspiration, at most 64 KB.';
COMMENT ON COLUMN pipelines.inspiration_reports.inspiration1_elements IS
'The key elements of the first inspiration, at most 100.';
COMMENT ON COLUMN pipelines.inspiration_reports.inspiration2_title IS
'The title of the second inspiration.';
COMMENT ON COLUMN pipelines.inspiration_reports.inspiration2_content IS
'The text of the second inspiration, at most 64 KB.';
COMMENT ON COLUMN pipelines.inspiration_reports.inspiration2_elements IS
'The key elements of the second inspiration, at most 100.';
COMMENT ON COLUMN pipelines.inspiration_reports.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN pipelines.inspiration_reports.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN pipelines.inspiration_reports.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT inspiration_reports_run_fkey ON pipelines.inspiration_reports IS
'run_id: the user has no such run';
COMMENT ON CONSTRAINT inspiration_reports_run_key ON pipelines.inspiration_reports IS
'run_id: the run has a report';
COMMENT ON CONSTRAINT inspiration_reports_inspiration1_title_check ON pipelines.inspiration_reports IS
'inspiration1_title: must have 1 to 300 characters that are not blank';
COMMENT ON CONSTRAINT inspiration_reports_inspiration1_content_check ON pipelines.inspiration_reports IS
'inspiration1_content: must not be blank, and at most 64 KB';
COMMENT ON CONSTRAINT inspiration_reports_inspiration1_elements_check ON pipelines.inspiration_reports IS
'inspiration1_elements: must be at most 100 texts';
COMMENT ON CONSTRAINT inspiration_reports_inspiration2_title_check ON pipelines.inspiration_reports IS
'inspiration2_title: must have 1 to 300 characters that are not blank';
COMMENT ON CONSTRAINT inspiration_reports_inspiration2_content_check ON pipelines.inspiration_reports IS
'inspiration2_content: must not be blank, and at most 64 KB';
COMMENT ON CONSTRAINT inspiration_reports_inspiration2_elements_check ON pipelines.inspiration_reports IS
'inspiration2_elements: must be at most 100 texts';

CALL operations.protect(
    'pipelines.inspiration_reports', rows => 'user',
    shown => '{run_id,user_id,created_at}',
    fixed => '{run_id,user_id,created_at}'
);

CREATE FUNCTION pipelines.require_status_of_run() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    run_status text;
    is_imported boolean;
BEGIN
    -- Locks out the end of the run meanwhile.
    SELECT
        r.status,
        r.external_id IS NOT NULL
    INTO run_status, is_imported
    FROM pipelines.runs AS r
    WHERE r.tenant_id = NEW.tenant_id
        AND r.id = NEW.run_id
        AND r.user_id = NEW.user_id
    FOR NO KEY UPDATE;
    -- What is imported brings its results along.
    IF run_status <> ALL (TG_ARGV[0]::text[]) AND NOT (TG_OP = 'INSERT' AND is_imported) THEN
        RAISE EXCEPTION 'a run that is % takes no results', run_status USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION pipelines.require_status_of_run() IS
'BEFORE a result of a run is written: refuses it unless the run has one of the statuses that the argument lists, with
SQLSTATE DR001.';

CREATE TRIGGER require_status_of_run BEFORE INSERT OR UPDATE ON pipelines.inspiration_reports
FOR EACH ROW EXECUTE FUNCTION pipelines.require_status_of_run('{running}');

-- Opportunity cards ---------------------------------------------------------------------------------

CREATE TABLE pipelines.opportunity_cards (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    run_id uuid NOT NULL,
    user_id uuid NOT NULL,
    number integer NOT NULL,
    title text NOT NULL,
    tagline text NOT NULL,
    problem text NOT NULL,
    solution text NOT NULL,
    why_now text NOT NULL,
    target_segment text NOT NULL,
    quick_win text NOT NULL,
    starred boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT opportunity_cards_run_fkey FOREIGN KEY (tenant_id, run_id, user_id)
    REFERENCES pipelines.runs (tenant_id, id, user_id) ON DELETE CASCADE,
    CONSTRAINT opportunity_cards_number_key UNIQUE (tenant_id, run_id, number),
    CONSTRAINT opportunity_cards_number_check CHECK (number BETWEEN 1 AND 5),
    CONSTRAINT opportunity_cards_title_check CHECK (NOT operations.is_blank(title) AND length(title) <= 300),
    CONSTRAINT opportunity_cards_tagline_check
    CHECK (NOT operations.is_blank(tagline) AND octet_length(tagline) <= 8192),
    CONSTRAINT opportunity_cards_problem_check
    CHECK (NOT operations.is_blank(problem) AND octet_length(problem) <= 8192),
    CONSTRAINT opportunity_cards_solution_check
    CHECK (NOT operations.is_blank(solution) AND octet_length(solution) <= 8192),
    CONSTRAINT opportunity_cards_why_now_check
    CHECK (NOT operations.is_blank(why_now) AND octet_length(why_now) <= 8192),
    CONSTRAINT opportunity_cards_target_segment_check
    CHECK (NOT operations.is_blank(target_segment) AND octet_length(target_segment) <= 8192),
    CONSTRAINT opportunity_cards_quick_win_check
    CHECK (NOT operations.is_blank(quick_win) AND octet_length(quick_win) <= 8192)
);

COMMENT ON TABLE pipelines.opportunity_cards IS 'The five opportunities that the last stage of a run found.';
COMMENT ON COLUMN pipelines.opportunity_cards.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN pipelines.opportunity_cards.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN pipelines.opportunity_cards.run_id IS 'The run.';
COMMENT ON COLUMN pipelines.opportunity_cards.user_id IS
'The user whose run it is: the key to the run holds it, and row-level security compares it.';
COMMENT ON COLUMN pipelines.opportunity_cards.number IS 'From 1 to 5, in the order of the output.';
COMMENT ON COLUMN pipelines.opportunity_cards.title IS
'What the opportunity is called; 1 to 300 characters.';
COMMENT ON COLUMN pipelines.opportunity_cards.tagline IS 'It in a sentence.';
COMMENT ON COLUMN pipelines.opportunity_cards.problem IS 'Which problem it solves.';
COMMENT ON COLUMN pipelines.opportunity_cards.solution IS 'How it solves it.';
COMMENT ON COLUMN pipelines.opportunity_cards.why_now IS
'Why this is the time for it.';
COMMENT ON COLUMN pipelines.opportunity_cards.target_segment IS 'For whom it is.';
COMMENT ON COLUMN pipelines.opportunity_cards.quick_win IS
'What can be done at once.';
COMMENT ON COLUMN pipelines.opportunity_cards.starred IS 'Whether the user marked it.';
COMMENT ON COLUMN pipelines.opportunity_cards.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN pipelines.opportunity_cards.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN pipelines.opportunity_cards.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT opportunity_cards_run_fkey ON pipelines.opportunity_cards IS
'run_id: the user has no such run';
COMMENT ON CONSTRAINT opportunity_cards_number_key ON pipelines.opportunity_cards IS
'number: the run has a card of this number';
COMMENT ON CONSTRAINT opportunity_cards_number_check ON pipelines.opportunity_cards IS
'number: must be from 1 to 5';
COMMENT ON CONSTRAINT opportunity_cards_title_check ON pipelines.opportunity_cards IS
'title: must have 1 to 300 characters that are not blank';
COMMENT ON CONSTRAINT opportunity_cards_tagline_check ON pipelines.opportunity_cards IS
'tagline: must not be blank, and at most 8 KB';
COMMENT ON CONSTRAINT opportunity_cards_problem_check ON pipelines.opportunity_cards IS
'problem: must not be blank, and at most 8 KB';
COMMENT ON CONSTRAINT opportunity_cards_solution_check ON pipelines.opportunity_cards IS
'solution: must not be blank, and at most 8 KB';
COMMENT ON CONSTRAINT opportunity_cards_why_now_check ON pipelines.opportunity_cards IS
'why_now: must not be blank, and at most 8 KB';
COMMENT ON CONSTRAINT opportunity_cards_target_segment_check ON pipelines.opportunity_cards IS
'target_segment: must not be blank, and at most 8 KB';
COMMENT ON CONSTRAINT opportunity_cards_quick_win_check ON pipelines.opportunity_cards IS
'quick_win: must not be blank, and at most 8 KB';

CREATE INDEX opportunity_cards_user ON pipelines.opportunity_cards (tenant_id, user_id, id);
CREATE INDEX opportunity_cards_starred ON pipelines.opportunity_cards (tenant_id, user_id, id)
WHERE starred;

CALL operations.protect(
    'pipelines.opportunity_cards', rows => 'user',
    shown => '{run_id,user_id,number,starred,created_at}',
    fixed => '{run_id,user_id,number,created_at}'
);

-- A completion brings the cards, in the same statement, and again when it is repeated.
CREATE TRIGGER require_status_of_run BEFORE INSERT ON pipelines.opportunity_cards
FOR EACH ROW EXECUTE FUNCTION pipelines.require_status_of_run('{running,completed}');

CREATE FUNCTION pipelines.require_results() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    missing text;
BEGIN
    -- They have numbers from 1 to 5, each once.
    IF
        (
            SELECT count(*)
            FROM pipelines.opportunity_cards AS c
            WHERE c.tenant_id = NEW.tenant_id AND c.run_id = NEW.id
        ) < 5
    THEN
        RAISE EXCEPTION 'the run has not come to its results: violates constraint "%"', TG_NAME
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, CONSTRAINT = TG_NAME;
    END IF;
    -- What is imported may come without its stages.
    IF TG_OP = 'UPDATE' THEN
        SELECT string_agg(stage.number::text, ', ' ORDER BY stage.number) INTO missing
        FROM generate_series(1, 5) AS stage (number)
        WHERE NOT EXISTS (
            SELECT FROM pipelines.stage_outputs AS s
            WHERE s.tenant_id = NEW.tenant_id
                AND s.run_id = NEW.id
                AND s.stage_number = stage.number
                AND s.status = 'completed'
        );
        IF missing IS NOT NULL THEN
            RAISE EXCEPTION 'these stages of the run are not completed: %', missing USING ERRCODE = 'DR001';
        END IF;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION pipelines.require_results() IS
'AFTER a run was completed, or imported as such: refuses it without its five cards. One that was not imported also needs
the output of each of its stages: SQLSTATE DR001 says which are missing.';

CREATE CONSTRAINT TRIGGER runs_results_check AFTER UPDATE ON pipelines.runs
DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (old.status <> new.status AND new.status = 'completed')
EXECUTE FUNCTION pipelines.require_results();
CREATE CONSTRAINT TRIGGER runs_results_check_on_insert AFTER INSERT ON pipelines.runs
DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (new.status = 'completed')
EXECUTE FUNCTION pipelines.require_results();

COMMENT ON CONSTRAINT runs_results_check ON pipelines.runs IS
'status: a completed run has its five cards';
COMMENT ON CONSTRAINT runs_results_check_on_insert ON pipelines.runs IS
'status: a completed run has its five cards';

-- Webhook -------------------------------------------------------------------------------------------

CREATE TABLE pipelines.webhooks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    secret bytea NOT NULL,
    previous_secret bytea,
    previous_expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT webhooks_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT webhooks_tenant_key UNIQUE (tenant_id),
    CONSTRAINT webhooks_previous_check
    CHECK ((previous_secret IS NULL) = (previous_expires_at IS NULL))
);

COMMENT ON TABLE pipelines.webhooks IS
'The secret with which executors that hold no API key report on the tenant''s runs.';
COMMENT ON COLUMN pipelines.webhooks.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN pipelines.webhooks.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN pipelines.webhooks.secret IS 'Encrypted under SECRET_KEY.';
COMMENT ON COLUMN pipelines.webhooks.previous_secret IS
'The secret before, encrypted too, while it still works; NULL if none does.';
COMMENT ON COLUMN pipelines.webhooks.previous_expires_at IS 'Until when previous_secret works.';
COMMENT ON COLUMN pipelines.webhooks.created_at IS 'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN pipelines.webhooks.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN pipelines.webhooks.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT webhooks_tenant_key ON pipelines.webhooks IS 'tenant_id: has a webhook';
COMMENT ON CONSTRAINT webhooks_previous_check ON pipelines.webhooks IS
'previous_expires_at: goes with previous_secret';

CALL operations.protect(
    'pipelines.webhooks', rows => 'tenant',
    shown => '{previous_expires_at,created_at}',
    fixed => '{created_at}',
    writes => '{INSERT,UPDATE,DELETE}'
);

-- What the worker looks for --------------------------------------------------------------------------

CREATE FUNCTION pipelines.tenants_with_work()
RETURNS TABLE (
    id uuid,
    has_backlog boolean,
    has_lost_runs boolean
)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    -- all tenants: for the owner.
    RETURN QUERY
    SELECT
        t.id,
        (
            EXISTS (
                SELECT 1
                FROM pipelines.runs AS r
                WHERE r.tenant_id = t.id
                    AND r.status = 'pending'
                UNION ALL
                SELECT 1
                FROM pipelines.runs AS r
                WHERE r.tenant_id = t.id
                    AND r.status = 'running'
            )
        ),
        (
            EXISTS (
                SELECT
                FROM pipelines.runs AS r
                WHERE r.tenant_id = t.id
                    AND r.status = 'running'
                    AND r.lease_expires_at <= now()
            )
        )
    FROM identity.tenants AS t
    WHERE t.suspended_at IS NULL;
END
$$;

COMMENT ON FUNCTION pipelines.tenants_with_work() IS
'What a worker has to look for in each tenant, as operations.tenants_with_work() has it: runs to count as backlog, runs
whose workers are gone.';

GRANT EXECUTE ON FUNCTION pipelines.tenants_with_work() TO app_rw, app_ro;
