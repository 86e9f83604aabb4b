-- What models are told, did and cost: prompts with their history, model runs, quota.
-- depends: 0005.tweets

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA models;

COMMENT ON SCHEMA models IS 'What models are told, did and cost: prompts, model runs, quota.';

GRANT USAGE ON SCHEMA models TO app_rw, app_ro;

-- Prompts -------------------------------------------------------------------------------------------

CREATE TABLE models.prompt_versions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    kind text NOT NULL,
    version bigint NOT NULL,
    label text NOT NULL,
    system_prompt text NOT NULL,
    user_template text NOT NULL,
    notes text,
    author_user_id uuid,
    restores_id uuid,
    active boolean NOT NULL DEFAULT false,
    drafts_count bigint NOT NULL DEFAULT 0,
    decided_count bigint NOT NULL DEFAULT 0,
    approvals_count bigint NOT NULL DEFAULT 0,
    approval_rate double precision NOT NULL DEFAULT 0,
    average_edit_distance double precision,
    metrics_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT prompt_versions_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT prompt_versions_author_fkey FOREIGN KEY (tenant_id, author_user_id)
    REFERENCES identity.users (tenant_id, id),
    CONSTRAINT prompt_versions_restores_fkey FOREIGN KEY (tenant_id, restores_id)
    REFERENCES models.prompt_versions (tenant_id, id),
    CONSTRAINT prompt_versions_version_key UNIQUE (tenant_id, kind, version),
    CONSTRAINT prompt_versions_label_key UNIQUE (tenant_id, label),
    CONSTRAINT prompt_versions_kind_check
    CHECK (NOT operations.is_blank(kind) AND length(kind) <= 50),
    CONSTRAINT prompt_versions_version_check CHECK (version > 0),
    CONSTRAINT prompt_versions_label_check
    CHECK (NOT operations.is_blank(label) AND length(label) <= 200),
    CONSTRAINT prompt_versions_system_prompt_check CHECK (
        NOT operations.is_blank(system_prompt) AND octet_length(system_prompt) <= 65536
    ),
    CONSTRAINT prompt_versions_user_template_check CHECK (
        NOT operations.is_blank(user_template) AND octet_length(user_template) <= 65536
    ),
    CONSTRAINT prompt_versions_notes_check
    CHECK (NOT operations.is_blank(notes) AND length(notes) <= 2000),
    CONSTRAINT prompt_versions_counts_check
    CHECK (approvals_count >= 0 AND approvals_count <= decided_count AND decided_count <= drafts_count),
    CONSTRAINT prompt_versions_approval_rate_check CHECK (approval_rate BETWEEN 0 AND 1),
    CONSTRAINT prompt_versions_average_edit_distance_check CHECK (average_edit_distance >= 0)
);

COMMENT ON TABLE models.prompt_versions IS
'What models are told, one version after another per kind. Written once; only what became of it changes.';
COMMENT ON COLUMN models.prompt_versions.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN models.prompt_versions.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN models.prompt_versions.kind IS
'What the prompt is for, reply or summary for example; 1 to 50 characters.';
COMMENT ON COLUMN models.prompt_versions.version IS
'1, 2, 3 within the kind, without gap; given by models.number_prompt().';
COMMENT ON COLUMN models.prompt_versions.label IS
'What people and drafts call it, once in the tenant; if none is given reply_v3, or reply_v3_2 where that is taken.';
COMMENT ON COLUMN models.prompt_versions.system_prompt IS 'What the model is to be; at most 64 KB.';
COMMENT ON COLUMN models.prompt_versions.user_template IS
'What the model is asked, with places for what a run fills in; at most 64 KB.';
COMMENT ON COLUMN models.prompt_versions.notes IS
'What was changed, and why; at most 2000 characters. NULL if nobody said.';
COMMENT ON COLUMN models.prompt_versions.author_user_id IS
'The user who wrote it; NULL if a service did, for nobody.';
COMMENT ON COLUMN models.prompt_versions.restores_id IS
'The earlier version whose templates a rollback brought back as this one; NULL for all others.';
COMMENT ON COLUMN models.prompt_versions.active IS
'Whether the kind''s runs use it now: at most one of a kind. Changed by models.activate_prompt() only.';
COMMENT ON COLUMN models.prompt_versions.drafts_count IS
'How many drafts were made with it, whatever became of them; as of metrics_at.';
COMMENT ON COLUMN models.prompt_versions.decided_count IS
'How many of the drafts were approved or rejected: not those that wait or were superseded; as of metrics_at.';
COMMENT ON COLUMN models.prompt_versions.approvals_count IS
'How many of the drafts were approved, edited or not; as of metrics_at.';
COMMENT ON COLUMN models.prompt_versions.approval_rate IS
'approvals_count of decided_count, from 0 to 1; 0 while nothing is decided.';
COMMENT ON COLUMN models.prompt_versions.average_edit_distance IS
'Of the approvals, in characters; 0 is for one without an edit. NULL while there is none.';
COMMENT ON COLUMN models.prompt_versions.metrics_at IS
'When the counts, the rate and the distance were computed; NULL is never.';
COMMENT ON COLUMN models.prompt_versions.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN models.prompt_versions.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN models.prompt_versions.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT prompt_versions_author_fkey ON models.prompt_versions IS
'author_user_id: there is no such user';
COMMENT ON CONSTRAINT prompt_versions_restores_fkey ON models.prompt_versions IS
'restores_id: there is no such prompt';
COMMENT ON CONSTRAINT prompt_versions_version_key ON models.prompt_versions IS
'version: the kind has a prompt of this version';
COMMENT ON CONSTRAINT prompt_versions_label_key ON models.prompt_versions IS
'label: another prompt has it';
COMMENT ON CONSTRAINT prompt_versions_kind_check ON models.prompt_versions IS
'kind: must have 1 to 50 characters that are not blank';
COMMENT ON CONSTRAINT prompt_versions_version_check ON models.prompt_versions IS
'version: must be positive';
COMMENT ON CONSTRAINT prompt_versions_label_check ON models.prompt_versions IS
'label: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT prompt_versions_system_prompt_check ON models.prompt_versions IS
'system_prompt: must not be blank, and at most 64 KB';
COMMENT ON CONSTRAINT prompt_versions_user_template_check ON models.prompt_versions IS
'user_template: must not be blank, and at most 64 KB';
COMMENT ON CONSTRAINT prompt_versions_notes_check ON models.prompt_versions IS
'notes: must have 1 to 2000 characters that are not blank';
COMMENT ON CONSTRAINT prompt_versions_counts_check ON models.prompt_versions IS
'approvals_count: no more are approved than decided, no more decided than drafted';
COMMENT ON CONSTRAINT prompt_versions_approval_rate_check ON models.prompt_versions IS
'approval_rate: must be from 0 to 1';
COMMENT ON CONSTRAINT prompt_versions_average_edit_distance_check ON models.prompt_versions IS
'average_edit_distance: must not be negative';

CREATE UNIQUE INDEX prompt_versions_one_active ON models.prompt_versions (tenant_id, kind)
WHERE active;
COMMENT ON INDEX models.prompt_versions_one_active IS 'active: another prompt of the kind is';

CALL operations.protect(
    'models.prompt_versions', rows => 'tenant',
    shown => '{kind,version,label,author_user_id,restores_id,active,created_at}',
    fixed => '{kind,version,label,system_prompt,user_template,notes,author_user_id,restores_id,created_at}',
    kept => '{active}',
    quiet => '{drafts_count,decided_count,approvals_count,approval_rate,average_edit_distance,metrics_at}'
);

CREATE FUNCTION models.lock_prompts(tenant_id uuid) RETURNS void
LANGUAGE sql
RETURN pg_advisory_xact_lock(
    hashtextextended(concat_ws(' ', 'models.prompt_versions', tenant_id), 0)
);

COMMENT ON FUNCTION models.lock_prompts(uuid) IS
'Until the end of the transaction nobody else numbers, labels or activates a prompt of the tenant, which may have no
row to lock. One lock for all kinds, because their prompts share their labels.';

GRANT EXECUTE ON FUNCTION models.lock_prompts(uuid) TO app_rw;

CREATE FUNCTION models.number_prompt() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    automatic text;
    ordinal integer := 1;
BEGIN
    PERFORM models.lock_prompts(NEW.tenant_id);
    SELECT coalesce(max(p.version), 0) + 1 INTO NEW.version
    FROM models.prompt_versions AS p
    WHERE p.tenant_id = NEW.tenant_id AND p.kind = NEW.kind;
    IF NEW.label IS NULL THEN
        automatic := NEW.kind || '_v' || NEW.version;
        NEW.label := automatic;
        WHILE EXISTS (
            SELECT FROM models.prompt_versions AS p
            WHERE p.tenant_id = NEW.tenant_id AND p.label = NEW.label
        ) LOOP
            ordinal := ordinal + 1;
            NEW.label := automatic || '_' || ordinal;
        END LOOP;
    END IF;
    -- What becomes of it is not for who writes it to say.
    NEW.active := false;
    NEW.drafts_count := 0;
    NEW.decided_count := 0;
    NEW.approvals_count := 0;
    NEW.approval_rate := 0;
    NEW.average_edit_distance := NULL;
    NEW.metrics_at := NULL;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION models.number_prompt() IS
'BEFORE INSERT on prompt_versions: gives the next version of the kind, and if there is no label one that is free:
reply_v3, or if that is taken reply_v3_2, and so on. No version is ever deleted, and one that is rolled back is given
again.';

CREATE TRIGGER number_prompt BEFORE INSERT ON models.prompt_versions
FOR EACH ROW EXECUTE FUNCTION models.number_prompt();

-- Activations ---------------------------------------------------------------------------------------

CREATE TABLE models.prompt_activations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    kind text NOT NULL,
    prompt_version_id uuid NOT NULL,
    replaced_prompt_version_id uuid,
    actor text NOT NULL,
    reason text,
    activated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT prompt_activations_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT prompt_activations_prompt_version_fkey FOREIGN KEY (tenant_id, prompt_version_id)
    REFERENCES models.prompt_versions (tenant_id, id),
    CONSTRAINT prompt_activations_replaced_fkey FOREIGN KEY (tenant_id, replaced_prompt_version_id)
    REFERENCES models.prompt_versions (tenant_id, id),
    CONSTRAINT prompt_activations_replaced_check
    CHECK (replaced_prompt_version_id <> prompt_version_id),
    CONSTRAINT prompt_activations_reason_check
    CHECK (NOT operations.is_blank(reason) AND length(reason) <= 2000)
);

COMMENT ON TABLE models.prompt_activations IS
'Which prompt was active since when: to insert a row is to activate a prompt. Append-only.';
COMMENT ON COLUMN models.prompt_activations.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN models.prompt_activations.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN models.prompt_activations.kind IS
'The kind of the prompt; set by models.note_activation().';
COMMENT ON COLUMN models.prompt_activations.prompt_version_id IS 'The prompt that became active.';
COMMENT ON COLUMN models.prompt_activations.replaced_prompt_version_id IS
'The prompt that was active before; NULL for the first of the kind. Set by models.note_activation().';
COMMENT ON COLUMN models.prompt_activations.actor IS
'Who did it: key:<id>, user:<id>, what app.actor says, or else the database role. Set by models.note_activation().';
COMMENT ON COLUMN models.prompt_activations.reason IS
'Why; at most 2000 characters. NULL if nobody said.';
COMMENT ON COLUMN models.prompt_activations.activated_at IS
'When it took effect: one activation of the kind after another; set by models.note_activation().';
COMMENT ON CONSTRAINT prompt_activations_prompt_version_fkey ON models.prompt_activations IS
'prompt_version_id: there is no such prompt';
COMMENT ON CONSTRAINT prompt_activations_replaced_fkey ON models.prompt_activations IS
'replaced_prompt_version_id: there is no such prompt';
COMMENT ON CONSTRAINT prompt_activations_replaced_check ON models.prompt_activations IS
'replaced_prompt_version_id: a prompt does not replace itself';
COMMENT ON CONSTRAINT prompt_activations_reason_check ON models.prompt_activations IS
'reason: must have 1 to 2000 characters that are not blank';

CREATE INDEX prompt_activations_activated
ON models.prompt_activations (tenant_id, activated_at, id);
CREATE INDEX prompt_activations_kind
ON models.prompt_activations (tenant_id, kind, activated_at, id);
CREATE INDEX prompt_activations_prompt_version
ON models.prompt_activations (tenant_id, prompt_version_id, activated_at, id);

CALL operations.protect(
    'models.prompt_activations', rows => 'tenant',
    shown => '{kind,prompt_version_id,replaced_prompt_version_id,activated_at}',
    writes => '{INSERT}'
);

CREATE FUNCTION models.note_activation() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    SELECT p.kind INTO NEW.kind
    FROM models.prompt_versions AS p
    WHERE p.tenant_id = NEW.tenant_id AND p.id = NEW.prompt_version_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such prompt: violates constraint "prompt_activations_prompt_version_fkey"'
        USING
            ERRCODE = 'foreign_key_violation',
            SCHEMA = 'models',
            CONSTRAINT = 'prompt_activations_prompt_version_fkey';
    END IF;
    -- Activations take place one after another; the next statement sees what the one before did.
    PERFORM models.lock_prompts(NEW.tenant_id);
    SELECT p.id INTO NEW.replaced_prompt_version_id
    FROM models.prompt_versions AS p
    WHERE p.tenant_id = NEW.tenant_id AND p.kind = NEW.kind AND p.active;
    IF NEW.replaced_prompt_version_id = NEW.prompt_version_id THEN
        RAISE EXCEPTION 'the prompt is active already' USING ERRCODE = 'DR001';
    END IF;
    NEW.actor := coalesce(nullif(current_setting('app.actor', true), ''), session_user);
    -- Not now(): a transaction that waited began before the one that it waited for.
    NEW.activated_at := clock_timestamp();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION models.note_activation() IS
'BEFORE INSERT on prompt_activations: says of which kind it is, what it replaces and when. Refuses a prompt that is
active already.';

-- After the insert, so that the event log tells of a prompt that is new in the same statement before it tells that it
-- is active.
CREATE FUNCTION models.activate_prompt() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE models.prompt_versions AS p
    SET active = false
    WHERE p.tenant_id = NEW.tenant_id
        AND p.id = NEW.replaced_prompt_version_id;
    UPDATE models.prompt_versions AS p
    SET active = true
    WHERE p.tenant_id = NEW.tenant_id
        AND p.id = NEW.prompt_version_id
        AND NOT p.active;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the prompt is active already' USING ERRCODE = 'DR001';
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION models.activate_prompt() IS
'AFTER INSERT on prompt_activations: makes the prompt the active one of its kind, and the one before it not, whoever
inserts.';

CREATE TRIGGER note_activation BEFORE INSERT ON models.prompt_activations
FOR EACH ROW EXECUTE FUNCTION models.note_activation();
CREATE TRIGGER activate_prompt AFTER INSERT ON models.prompt_activations
FOR EACH ROW EXECUTE FUNCTION models.activate_prompt();

-- Model runs ----------------------------------------------------------------------------------------

CREATE TABLE models.model_runs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    run_type text NOT NULL,
    input_ref text,
    model text NOT NULL,
    prompt_version_id uuid,
    user_id uuid,
    latency_ms bigint,
    tokens_in bigint,
    tokens_out bigint,
    cost_micros bigint,
    success boolean NOT NULL DEFAULT true,
    error text,
    meta jsonb NOT NULL DEFAULT '{}',
    started_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT model_runs_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT model_runs_prompt_version_fkey FOREIGN KEY (tenant_id, prompt_version_id)
    REFERENCES models.prompt_versions (tenant_id, id),
    CONSTRAINT model_runs_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id),
    CONSTRAINT model_runs_run_type_check CHECK (
        run_type IN (
            'EPISODE_SUMMARY',
            'EPISODE_KEYWORDS',
            'TWEET_CLASSIFY',
            'DRAFT_REPLY',
            'STYLE_PASS',
            'SAFETY_CHECK',
            'EMBEDDING'
        )
    ),
    CONSTRAINT model_runs_input_ref_check
    CHECK (NOT operations.is_blank(input_ref) AND length(input_ref) <= 500),
    CONSTRAINT model_runs_model_check
    CHECK (NOT operations.is_blank(model) AND length(model) <= 200),
    CONSTRAINT model_runs_latency_ms_check CHECK (latency_ms >= 0),
    CONSTRAINT model_runs_tokens_in_check CHECK (tokens_in >= 0),
    CONSTRAINT model_runs_tokens_out_check CHECK (tokens_out >= 0),
    CONSTRAINT model_runs_cost_micros_check CHECK (cost_micros >= 0),
    CONSTRAINT model_runs_success_check CHECK (success = (error IS NULL)),
    CONSTRAINT model_runs_error_check
    CHECK (NOT operations.is_blank(error) AND octet_length(error) <= 16384),
    CONSTRAINT model_runs_meta_check
    CHECK (jsonb_typeof(meta) = 'object' AND octet_length(meta::text) < 65536)
);

COMMENT ON TABLE models.model_runs IS
'Each call of a model: what for, how long, how many tokens, at what cost, with what outcome. Append-only.';
COMMENT ON COLUMN models.model_runs.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN models.model_runs.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN models.model_runs.run_type IS 'What the model was called for: one of seven purposes.';
COMMENT ON COLUMN models.model_runs.input_ref IS
'What the run was about, as the caller names it: a tweet, an episode, a message. NULL if nothing is named.';
COMMENT ON COLUMN models.model_runs.model IS
'The model, as the caller names it; 1 to 200 characters.';
COMMENT ON COLUMN models.model_runs.prompt_version_id IS
'The prompt that the run used; NULL if it is none of prompt_versions.';
COMMENT ON COLUMN models.model_runs.user_id IS
'The user for whom a service recorded the run; NULL if for nobody.';
COMMENT ON COLUMN models.model_runs.latency_ms IS
'How long it took, in milliseconds; NULL if unknown.';
COMMENT ON COLUMN models.model_runs.tokens_in IS 'Tokens that the model read; NULL if unknown.';
COMMENT ON COLUMN models.model_runs.tokens_out IS 'Tokens that the model wrote; NULL if unknown.';
COMMENT ON COLUMN models.model_runs.cost_micros IS
'Millionths of the currency unit, as of the run; NULL if the price is unknown, which is not 0.';
COMMENT ON COLUMN models.model_runs.success IS 'Whether the run did what it was for.';
COMMENT ON COLUMN models.model_runs.error IS
'Why the run failed; at most 16 KB. NULL if it did not.';
COMMENT ON COLUMN models.model_runs.meta IS
'What else the caller tells of the run: any JSON object under 64 KB.';
COMMENT ON COLUMN models.model_runs.started_at IS
'When the run began, as the caller says; NULL if it does not.';
COMMENT ON COLUMN models.model_runs.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON CONSTRAINT model_runs_prompt_version_fkey ON models.model_runs IS
'prompt_version_id: there is no such prompt';
COMMENT ON CONSTRAINT model_runs_user_fkey ON models.model_runs IS 'user_id: there is no such user';
COMMENT ON CONSTRAINT model_runs_run_type_check ON models.model_runs IS
'run_type: must be one of the seven run types';
COMMENT ON CONSTRAINT model_runs_input_ref_check ON models.model_runs IS
'input_ref: must have 1 to 500 characters that are not blank';
COMMENT ON CONSTRAINT model_runs_model_check ON models.model_runs IS
'model: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT model_runs_latency_ms_check ON models.model_runs IS
'latency_ms: must not be negative';
COMMENT ON CONSTRAINT model_runs_tokens_in_check ON models.model_runs IS
'tokens_in: must not be negative';
COMMENT ON CONSTRAINT model_runs_tokens_out_check ON models.model_runs IS
'tokens_out: must not be negative';
COMMENT ON CONSTRAINT model_runs_cost_micros_check ON models.model_runs IS
'cost_micros: must not be negative';
COMMENT ON CONSTRAINT model_runs_success_check ON models.model_runs IS
'error: a run that failed has one, no other has';
COMMENT ON CONSTRAINT model_runs_error_check ON models.model_runs IS
'error: must not be blank, and at most 16 KB';
COMMENT ON CONSTRAINT model_runs_meta_check ON models.model_runs IS
'meta: must be an object under 64 KB';

CREATE INDEX model_runs_created ON models.model_runs (tenant_id, created_at, id);
CREATE INDEX model_runs_run_type ON models.model_runs (tenant_id, run_type, id);
CREATE INDEX model_runs_input_ref ON models.model_runs (tenant_id, input_ref, id)
WHERE input_ref IS NOT NULL;

CALL operations.protect('models.model_runs', rows => 'tenant', writes => '{INSERT}', recorded => false);

CREATE FUNCTION models.forget_runs(tenant_id uuid, ids uuid []) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    forgotten bigint;
BEGIN
    DELETE FROM models.model_runs AS r
    WHERE r.tenant_id = forget_runs.tenant_id AND r.id = ANY (ids);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

COMMENT ON FUNCTION models.forget_runs(uuid, uuid []) IS
'Deletes model runs, and tells how many. Whoever calls it needs the privilege, which the owner alone has.';

GRANT EXECUTE ON FUNCTION models.forget_runs(uuid, uuid []) TO app_rw;

CREATE FUNCTION models.redact_runs(tenant_id uuid, ids uuid []) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    redacted bigint;
BEGIN
    -- Nobody updates a run, so it is replaced by what counts of it.
    WITH full_runs AS (
        DELETE FROM models.model_runs AS r
        WHERE r.tenant_id = redact_runs.tenant_id AND r.id = ANY (ids)
        RETURNING
            r.id,
            r.run_type,
            r.model,
            r.prompt_version_id,
            r.user_id,
            r.latency_ms,
            r.tokens_in,
            r.tokens_out,
            r.cost_micros,
            r.success,
            r.started_at,
            r.created_at
    )

    INSERT INTO models.model_runs (
        tenant_id,
        id,
        run_type,
        model,
        prompt_version_id,
        user_id,
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
        redact_runs.tenant_id,
        f.id,
        f.run_type,
        f.model,
        f.prompt_version_id,
        f.user_id,
        f.latency_ms,
        f.tokens_in,
        f.tokens_out,
        f.cost_micros,
        f.success,
        CASE WHEN NOT f.success THEN 'redacted' END,
        f.started_at,
        f.created_at
    FROM full_runs AS f
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS redacted = ROW_COUNT;
    RETURN redacted;
END
$$;

COMMENT ON FUNCTION models.redact_runs(uuid, uuid []) IS
'Empties input_ref, error and meta of model runs, whose costs still count, and tells how many. Whoever calls it needs
the privilege to delete, which the owner alone has.';

GRANT EXECUTE ON FUNCTION models.redact_runs(uuid, uuid []) TO app_rw;

-- Limits --------------------------------------------------------------------------------------------

CREATE TABLE models.quota_limits (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    period_days integer NOT NULL DEFAULT 30,
    allowed bigint NOT NULL DEFAULT 10000,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT quota_limits_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT quota_limits_tenant_key UNIQUE (tenant_id),
    CONSTRAINT quota_limits_period_days_check CHECK (period_days BETWEEN 1 AND 366),
    CONSTRAINT quota_limits_allowed_check CHECK (allowed >= 0)
);

COMMENT ON TABLE models.quota_limits IS
'How many reads a tenant may make in a period. A tenant without a row has what the defaults say, at revision 1.';
COMMENT ON COLUMN models.quota_limits.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN models.quota_limits.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN models.quota_limits.period_days IS
'How many days (UTC) the rolling period has, today included; 1 to 366.';
COMMENT ON COLUMN models.quota_limits.allowed IS
'How many reads may be reserved within any such period; 0 allows none.';
COMMENT ON COLUMN models.quota_limits.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN models.quota_limits.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN models.quota_limits.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT quota_limits_tenant_key ON models.quota_limits IS
'tenant_id: the tenant has its limit already';
COMMENT ON CONSTRAINT quota_limits_period_days_check ON models.quota_limits IS
'period_days: must be from 1 to 366';
COMMENT ON CONSTRAINT quota_limits_allowed_check ON models.quota_limits IS
'allowed: must not be negative';

CALL operations.protect(
    'models.quota_limits', rows => 'tenant',
    shown => '{period_days,allowed,created_at}',
    fixed => '{created_at}'
);

-- Usage ---------------------------------------------------------------------------------------------

-- No count is above 10^15, so that no sum over a period leaves bigint.
CREATE TABLE models.quota_usage (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    stream_reads bigint NOT NULL DEFAULT 0,
    search_reads bigint NOT NULL DEFAULT 0,
    thread_lookups bigint NOT NULL DEFAULT 0,
    total_reads bigint NOT NULL GENERATED ALWAYS AS (stream_reads + search_reads + thread_lookups) STORED,
    stream_reserved bigint NOT NULL DEFAULT 0,
    search_reserved bigint NOT NULL DEFAULT 0,
    thread_reserved bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, day),
    CONSTRAINT quota_usage_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT quota_usage_day_check CHECK (isfinite(day)),
    CONSTRAINT quota_usage_stream_reads_check
    CHECK (stream_reads BETWEEN 0 AND 1000000000000000),
    CONSTRAINT quota_usage_search_reads_check
    CHECK (search_reads BETWEEN 0 AND 1000000000000000),
    CONSTRAINT quota_usage_thread_lookups_check
    CHECK (thread_lookups BETWEEN 0 AND 1000000000000000),
    CONSTRAINT quota_usage_stream_reserved_check CHECK (stream_reserved BETWEEN 0 AND stream_reads),
    CONSTRAINT quota_usage_search_reserved_check CHECK (search_reserved BETWEEN 0 AND search_reads),
    CONSTRAINT quota_usage_thread_reserved_check CHECK (thread_reserved BETWEEN 0 AND thread_lookups)
);

COMMENT ON TABLE models.quota_usage IS
'How many reads a tenant made or reserved on each day (UTC). Writes no events: it is counted at every read.';
COMMENT ON COLUMN models.quota_usage.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN models.quota_usage.day IS 'The day in UTC; a day without a row had no reads.';
COMMENT ON COLUMN models.quota_usage.stream_reads IS 'Reads from the stream, the reserved ones included.';
COMMENT ON COLUMN models.quota_usage.search_reads IS 'Reads by searching, the reserved ones included.';
COMMENT ON COLUMN models.quota_usage.thread_lookups IS
'Look-ups of threads, the reserved ones included.';
COMMENT ON COLUMN models.quota_usage.total_reads IS 'The sum of the three, computed by the database.';
COMMENT ON COLUMN models.quota_usage.stream_reserved IS
'Of stream_reads those that were reserved and not released: what can still be released.';
COMMENT ON COLUMN models.quota_usage.search_reserved IS
'Of search_reads those that were reserved and not released: what can still be released.';
COMMENT ON COLUMN models.quota_usage.thread_reserved IS
'Of thread_lookups those that were reserved and not released: what can still be released.';
COMMENT ON CONSTRAINT quota_usage_day_check ON models.quota_usage IS 'day: must be a day';
COMMENT ON CONSTRAINT quota_usage_stream_reads_check ON models.quota_usage IS
'stream_reads: must be from 0 to 10^15';
COMMENT ON CONSTRAINT quota_usage_search_reads_check ON models.quota_usage IS
'search_reads: must be from 0 to 10^15';
COMMENT ON CONSTRAINT quota_usage_thread_lookups_check ON models.quota_usage IS
'thread_lookups: must be from 0 to 10^15';
COMMENT ON CONSTRAINT quota_usage_stream_reserved_check ON models.quota_usage IS
'stream_reserved: must be from 0 to stream_reads';
COMMENT ON CONSTRAINT quota_usage_search_reserved_check ON models.quota_usage IS
'search_reserved: must be from 0 to search_reads';
COMMENT ON CONSTRAINT quota_usage_thread_reserved_check ON models.quota_usage IS
'thread_reserved: must be from 0 to thread_lookups';

CALL operations.protect('models.quota_usage', rows => 'tenant', recorded => false);

CREATE FUNCTION models.tell_quota() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    today CONSTANT date := (statement_timestamp() AT TIME ZONE 'UTC')::date;
    quota_allowed bigint;
    quota_days integer;
    quota_used bigint;
    level text;
BEGIN
    SELECT
        l.allowed,
        l.period_days
    INTO
        quota_allowed,
        quota_days
    FROM models.quota_limits AS l
    WHERE l.tenant_id = NEW.tenant_id;
    quota_allowed := coalesce(quota_allowed, 10000);
    quota_days := coalesce(quota_days, 30);
    SELECT sum(u.total_reads)::bigint
    INTO quota_used
    FROM models.quota_usage AS u
    WHERE u.tenant_id = NEW.tenant_id
        AND u.day > today - quota_days
        AND u.day <= today;
    level := CASE
        WHEN quota_used >= quota_allowed * 0.95 THEN 'quota_danger'
        WHEN quota_used >= quota_allowed * 0.80 THEN 'quota_warning'
    END;
    IF level IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO operations.notifications (tenant_id, type, unique_key, payload)
    VALUES (
        NEW.tenant_id,
        level,
        format('%s of reads %s', level, today - mod(today - date '2000-01-01', quota_days)),
        jsonb_build_object('quota', 'reads', 'used', quota_used, 'allowed', quota_allowed)
    )
    ON CONFLICT (tenant_id, unique_key) WHERE unique_key IS NOT NULL DO NOTHING;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION models.tell_quota() IS
'AFTER reads are counted, whoever writes: notifies everyone once 80 percent of the quota are used, and once 95 are. Once
in as many days as the period has, counted from the first of 2000, since the period itself moves on every day.';

CREATE TRIGGER tell_quota_of_first AFTER INSERT ON models.quota_usage
FOR EACH ROW WHEN (new.total_reads > 0) EXECUTE FUNCTION models.tell_quota();
CREATE TRIGGER tell_quota AFTER UPDATE ON models.quota_usage
FOR EACH ROW WHEN (new.total_reads > old.total_reads) EXECUTE FUNCTION models.tell_quota();
