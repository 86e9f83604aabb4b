-- What a model drafted, who decided, what went out, what was learned.
-- depends: 0004.inbox

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Drafts ----------------------------------------------------------------------------------------------

CREATE TABLE drafts.drafts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    conversation_id uuid NOT NULL,
    trigger_message_id uuid,
    author_user_id uuid,
    version bigint NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    model_key text NOT NULL,
    prompt_version text NOT NULL,
    suggested_text text,
    suggested_html text,
    top_sources jsonb NOT NULL DEFAULT '[]',
    style_score double precision,
    toxicity_score double precision,
    tokens_in bigint,
    tokens_out bigint,
    cost_micros bigint,
    latency_ms bigint,
    superseded_by_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    redacted_at timestamptz,
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT drafts_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT drafts_conversation_fkey FOREIGN KEY (tenant_id, conversation_id)
    REFERENCES inbox.conversations (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT drafts_conversation_key UNIQUE (tenant_id, conversation_id, id),
    CONSTRAINT drafts_version_key UNIQUE (tenant_id, conversation_id, version),
    CONSTRAINT drafts_trigger_message_fkey
    FOREIGN KEY (tenant_id, conversation_id, trigger_message_id)
    REFERENCES inbox.messages (tenant_id, conversation_id, id),
    CONSTRAINT drafts_author_fkey FOREIGN KEY (tenant_id, author_user_id)
    REFERENCES identity.users (tenant_id, id),
    -- Deferrable, for drafts.number_draft(): a new draft supersedes the older one before it is itself there.
    CONSTRAINT drafts_superseded_by_fkey
    FOREIGN KEY (tenant_id, conversation_id, superseded_by_id)
    REFERENCES drafts.drafts (tenant_id, conversation_id, id) DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT drafts_version_check CHECK (version > 0),
    CONSTRAINT drafts_status_check
    CHECK (status IN ('pending', 'approved', 'rejected', 'superseded', 'sent', 'archived')),
    CONSTRAINT drafts_model_key_check CHECK (btrim(model_key) <> '' AND length(model_key) <= 200),
    CONSTRAINT drafts_prompt_version_check
    CHECK (btrim(prompt_version) <> '' AND length(prompt_version) <= 200),
    CONSTRAINT drafts_suggested_text_check
    CHECK (btrim(suggested_text, E' \t\r\n') <> '' AND octet_length(suggested_text) <= 32768),
    CONSTRAINT drafts_suggested_html_check CHECK (octet_length(suggested_html) <= 131072),
    CONSTRAINT drafts_top_sources_check
    CHECK (jsonb_typeof(top_sources) = 'array' AND octet_length(top_sources::text) < 65536),
    CONSTRAINT drafts_style_score_check CHECK (style_score BETWEEN 0 AND 1),
    CONSTRAINT drafts_toxicity_score_check CHECK (toxicity_score BETWEEN 0 AND 1),
    CONSTRAINT drafts_tokens_in_check CHECK (tokens_in >= 0),
    CONSTRAINT drafts_tokens_out_check CHECK (tokens_out >= 0),
    CONSTRAINT drafts_cost_micros_check CHECK (cost_micros >= 0),
    CONSTRAINT drafts_latency_ms_check CHECK (latency_ms >= 0),
    CONSTRAINT drafts_superseded_by_check CHECK (
        superseded_by_id IS NULL
        OR (superseded_by_id <> id AND status IN ('superseded', 'archived'))
    ),
    CONSTRAINT drafts_redacted_check CHECK (
        (suggested_text IS NULL) = (redacted_at IS NOT NULL)
        AND (redacted_at IS NULL OR suggested_html IS NULL)
    )
);

COMMENT ON TABLE drafts.drafts IS 'Replies that a model suggests, one version after another per conversation.';
COMMENT ON COLUMN drafts.drafts.trigger_message_id IS 'The message that the draft answers.';
COMMENT ON COLUMN drafts.drafts.author_user_id IS 'The user for whom a service made the draft, if any.';
COMMENT ON COLUMN drafts.drafts.version IS
'1, 2, 3 within the conversation, without gap; given by drafts.number_draft().';
COMMENT ON COLUMN drafts.drafts.top_sources IS 'What the draft was made from, best first.';
COMMENT ON COLUMN drafts.drafts.cost_micros IS 'Millionths of the currency unit, as of the run.';
COMMENT ON COLUMN drafts.drafts.redacted_at IS 'When archiving removed the texts.';
COMMENT ON CONSTRAINT drafts_conversation_fkey ON drafts.drafts IS
'conversation_id: there is no such conversation';
COMMENT ON CONSTRAINT drafts_version_key ON drafts.drafts IS
'version: the conversation has a draft of this version';
COMMENT ON CONSTRAINT drafts_trigger_message_fkey ON drafts.drafts IS
'trigger_message_id: the conversation has no such message';
COMMENT ON CONSTRAINT drafts_author_fkey ON drafts.drafts IS 'author_user_id: there is no such user';
COMMENT ON CONSTRAINT drafts_superseded_by_fkey ON drafts.drafts IS
'superseded_by_id: the conversation has no such draft';
COMMENT ON CONSTRAINT drafts_status_check ON drafts.drafts IS
'status: must be pending, approved, rejected, superseded, sent or archived';
COMMENT ON CONSTRAINT drafts_model_key_check ON drafts.drafts IS
'model_key: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT drafts_prompt_version_check ON drafts.drafts IS
'prompt_version: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT drafts_suggested_text_check ON drafts.drafts IS
'suggested_text: must not be blank, and at most 32 KB';
COMMENT ON CONSTRAINT drafts_suggested_html_check ON drafts.drafts IS
'suggested_html: must have at most 128 KB';
COMMENT ON CONSTRAINT drafts_top_sources_check ON drafts.drafts IS
'top_sources: must be a list under 64 KB';
COMMENT ON CONSTRAINT drafts_style_score_check ON drafts.drafts IS 'style_score: must be from 0 to 1';
COMMENT ON CONSTRAINT drafts_toxicity_score_check ON drafts.drafts IS
'toxicity_score: must be from 0 to 1';
COMMENT ON CONSTRAINT drafts_tokens_in_check ON drafts.drafts IS 'tokens_in: must not be negative';
COMMENT ON CONSTRAINT drafts_tokens_out_check ON drafts.drafts IS 'tokens_out: must not be negative';
COMMENT ON CONSTRAINT drafts_cost_micros_check ON drafts.drafts IS 'cost_micros: must not be negative';
COMMENT ON CONSTRAINT drafts_latency_ms_check ON drafts.drafts IS 'latency_ms: must not be negative';
COMMENT ON CONSTRAINT drafts_superseded_by_check ON drafts.drafts IS
'superseded_by_id: only a superseded draft has it, and it is another draft';
COMMENT ON CONSTRAINT drafts_redacted_check ON drafts.drafts IS
'suggested_text: is there until archiving removes it, with suggested_html';

CREATE UNIQUE INDEX drafts_one_pending ON drafts.drafts (tenant_id, conversation_id)
WHERE status = 'pending';
COMMENT ON INDEX drafts.drafts_one_pending IS 'conversation_id: has a pending draft already';
CREATE INDEX drafts_created ON drafts.drafts (tenant_id, created_at, id);
CREATE INDEX drafts_status_created ON drafts.drafts (tenant_id, status, created_at, id);

ALTER TABLE drafts.drafts ENABLE ROW LEVEL SECURITY;
ALTER TABLE drafts.drafts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON drafts.drafts
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('drafts.drafts', 'new', 'pending'),
('drafts.drafts', 'pending', 'approved'),
('drafts.drafts', 'pending', 'rejected'),
('drafts.drafts', 'pending', 'superseded'),
('drafts.drafts', 'approved', 'sent'),
('drafts.drafts', 'approved', 'archived'),
('drafts.drafts', 'rejected', 'archived'),
('drafts.drafts', 'superseded', 'archived'),
('drafts.drafts', 'sent', 'archived');

CREATE FUNCTION drafts.number_draft() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    conversation_status text;
BEGIN
    -- Locks the conversation: drafts of one conversation are numbered one after another, and a number that
    -- is rolled back is given again.
    UPDATE inbox.conversations AS c
    SET draft_count = c.draft_count + 1
    WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.conversation_id
    RETURNING c.draft_count, c.status INTO NEW.version, conversation_status;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such conversation'
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'drafts_conversation_fkey';
    END IF;
    IF conversation_status = 'archived' THEN
        RAISE EXCEPTION 'an archived conversation takes no drafts' USING ERRCODE = 'DR001';
    END IF;
    SET CONSTRAINTS ALL DEFERRED;
    UPDATE drafts.drafts AS d
    SET status = 'superseded', superseded_by_id = NEW.id
    WHERE d.tenant_id = NEW.tenant_id
        AND d.conversation_id = NEW.conversation_id
        AND d.status = 'pending';
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.number_draft() IS
'BEFORE INSERT on drafts: gives the next version and supersedes the pending draft, whoever inserts.';

CREATE TRIGGER number_draft BEFORE INSERT ON drafts.drafts
FOR EACH ROW EXECUTE FUNCTION drafts.number_draft();
CREATE TRIGGER check_transition_on_insert BEFORE INSERT ON drafts.drafts
FOR EACH ROW EXECUTE FUNCTION operations.check_transition('drafts.drafts');
CREATE TRIGGER check_transition_on_update BEFORE UPDATE ON drafts.drafts
FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status)
EXECUTE FUNCTION operations.check_transition('drafts.drafts');
CREATE TRIGGER touch BEFORE UPDATE ON drafts.drafts
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION operations.touch();
CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON drafts.drafts
FOR EACH ROW EXECUTE FUNCTION operations.record_event(
    'drafts.drafts', '{suggested_text,suggested_html,top_sources}'
);

-- Decisions -------------------------------------------------------------------------------------------

CREATE FUNCTION drafts.apply_diff(diff jsonb, original text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT
        CASE
            WHEN sum(consumed) IS NOT DISTINCT FROM length(original)
                THEN string_agg(
                    CASE op ->> 'op'
                        WHEN 'insert' THEN op ->> 'text'
                        WHEN 'retain' THEN substr(original, (position_after - consumed + 1)::integer, consumed)
                        ELSE ''
                    END,
                    '' ORDER BY ordinality
                )
        END
    FROM (
        SELECT
            op,
            ordinality,
            consumed,
            sum(consumed) OVER (ORDER BY ordinality) AS position_after
        FROM (
            SELECT
                element.op,
                element.ordinality,
                coalesce((element.op ->> 'count')::integer, 0) AS consumed
            FROM jsonb_array_elements(diff) WITH ORDINALITY AS element (op, ordinality)
        ) AS operations
    ) AS positioned
);

COMMENT ON FUNCTION drafts.apply_diff(jsonb, text) IS
'Replays an edit: a list of {"op": "retain" | "delete", "count": n} and {"op": "insert", "text": t} over the
original. Counts are characters (Unicode code points). NULL when the counts do not cover the original.';

CREATE TABLE drafts.draft_actions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    draft_id uuid NOT NULL,
    user_id uuid NOT NULL,
    type text NOT NULL,
    reason text,
    final_text text,
    final_html text,
    diff jsonb,
    edit_distance bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    redacted_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT draft_actions_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT draft_actions_draft_fkey FOREIGN KEY (tenant_id, draft_id)
    REFERENCES drafts.drafts (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT draft_actions_draft_key UNIQUE (tenant_id, draft_id, id),
    CONSTRAINT draft_actions_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id),
    CONSTRAINT draft_actions_type_check
    CHECK (type IN ('approve', 'edit', 'reject', 'supersede', 'archive')),
    CONSTRAINT draft_actions_reason_check CHECK (
        length(reason) <= 2000
        AND (type <> 'reject' OR (reason IS NOT NULL AND btrim(reason, E' \t\r\n') <> ''))
    ),
    CONSTRAINT draft_actions_final_text_check CHECK (
        btrim(final_text, E' \t\r\n') <> '' AND octet_length(final_text) <= 32768
    ),
    CONSTRAINT draft_actions_final_html_check CHECK (octet_length(final_html) <= 131072),
    CONSTRAINT draft_actions_diff_check
    CHECK (jsonb_typeof(diff) = 'array' AND octet_length(diff::text) < 65536),
    CONSTRAINT draft_actions_edit_distance_check CHECK (edit_distance >= 0),
    CONSTRAINT draft_actions_content_check CHECK (
        CASE
            WHEN redacted_at IS NOT NULL THEN num_nonnulls(final_text, final_html, diff) = 0
            WHEN type = 'edit' THEN num_nonnulls(final_text, diff, edit_distance) = 3
            WHEN type = 'approve' THEN final_text IS NOT NULL AND num_nonnulls(diff, edit_distance) = 0
            ELSE num_nonnulls(final_text, final_html, diff, edit_distance) = 0
        END
    )
);

COMMENT ON TABLE drafts.draft_actions IS 'What people decided on a draft.';
COMMENT ON COLUMN drafts.draft_actions.reason IS 'Why; required to reject.';
COMMENT ON COLUMN drafts.draft_actions.diff IS
'The edit as operations: drafts.apply_diff(diff, suggested_text) is final_text.';
COMMENT ON COLUMN drafts.draft_actions.edit_distance IS
'Levenshtein distance from suggested_text to final_text, in characters.';
COMMENT ON CONSTRAINT draft_actions_draft_fkey ON drafts.draft_actions IS
'draft_id: there is no such draft';
COMMENT ON CONSTRAINT draft_actions_user_fkey ON drafts.draft_actions IS
'user_id: there is no such user';
COMMENT ON CONSTRAINT draft_actions_type_check ON drafts.draft_actions IS
'type: must be approve, edit, reject, supersede or archive';
COMMENT ON CONSTRAINT draft_actions_reason_check ON drafts.draft_actions IS
'reason: is required to reject, and has at most 2000 characters';
COMMENT ON CONSTRAINT draft_actions_final_text_check ON drafts.draft_actions IS
'final_text: must not be blank, and at most 32 KB';
COMMENT ON CONSTRAINT draft_actions_final_html_check ON drafts.draft_actions IS
'final_html: must have at most 128 KB';
COMMENT ON CONSTRAINT draft_actions_diff_check ON drafts.draft_actions IS
'final_text: the edit must be described in under 64 KB';
COMMENT ON CONSTRAINT draft_actions_edit_distance_check ON drafts.draft_actions IS
'edit_distance: must not be negative';
COMMENT ON CONSTRAINT draft_actions_content_check ON drafts.draft_actions IS
'final_text: an approval has it, an edit has it with diff and edit_distance, others have none of them';

CREATE UNIQUE INDEX draft_actions_one_decision ON drafts.draft_actions (tenant_id, draft_id)
WHERE type <> 'archive';
COMMENT ON INDEX drafts.draft_actions_one_decision IS 'draft_id: the draft is decided already';
CREATE INDEX draft_actions_draft ON drafts.draft_actions (tenant_id, draft_id, created_at, id);
CREATE INDEX draft_actions_user_created ON drafts.draft_actions (tenant_id, user_id, created_at, id);

ALTER TABLE drafts.draft_actions ENABLE ROW LEVEL SECURITY;
ALTER TABLE drafts.draft_actions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON drafts.draft_actions
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON drafts.draft_actions
FOR EACH ROW EXECUTE FUNCTION operations.record_event(
    'drafts.draft_actions', '{final_text,final_html,diff}'
);

-- Deliveries ------------------------------------------------------------------------------------------

CREATE TABLE drafts.scheduled_replies (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    conversation_id uuid NOT NULL,
    draft_id uuid NOT NULL,
    status text NOT NULL,
    final_text text,
    final_html text,
    scheduled_for timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 5,
    locked_by text,
    lease_id uuid,
    lease_expires_at timestamptz,
    error text,
    external_id text,
    message_id uuid,
    sent_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    redacted_at timestamptz,
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT scheduled_replies_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT scheduled_replies_draft_fkey FOREIGN KEY (tenant_id, conversation_id, draft_id)
    REFERENCES drafts.drafts (tenant_id, conversation_id, id) ON DELETE CASCADE,
    CONSTRAINT scheduled_replies_draft_key UNIQUE (tenant_id, draft_id),
    CONSTRAINT scheduled_replies_message_fkey FOREIGN KEY (tenant_id, conversation_id, message_id)
    REFERENCES inbox.messages (tenant_id, conversation_id, id),
    CONSTRAINT scheduled_replies_status_check CHECK (
        status IN ('held', 'scheduled', 'claimed', 'sent', 'failed', 'unknown', 'cancelled')
    ),
    CONSTRAINT scheduled_replies_final_text_check CHECK (
        btrim(final_text, E' \t\r\n') <> '' AND octet_length(final_text) <= 32768
    ),
    CONSTRAINT scheduled_replies_final_html_check CHECK (octet_length(final_html) <= 131072),
    CONSTRAINT scheduled_replies_attempts_check
    CHECK (attempts >= 0 AND max_attempts BETWEEN 1 AND 100),
    CONSTRAINT scheduled_replies_scheduled_for_check
    CHECK (status <> 'scheduled' OR scheduled_for IS NOT NULL),
    CONSTRAINT scheduled_replies_lease_check CHECK (
        (status = 'claimed') = (lease_expires_at IS NOT NULL)
        AND (status <> 'claimed' OR (lease_id IS NOT NULL AND locked_by IS NOT NULL))
    ),
    CONSTRAINT scheduled_replies_sent_check CHECK (
        (status = 'sent') = (num_nonnulls(sent_at, external_id, message_id) = 3)
        AND num_nonnulls(sent_at, external_id, message_id) IN (0, 3)
    ),
    CONSTRAINT scheduled_replies_error_check
    CHECK (status NOT IN ('failed', 'unknown') OR error IS NOT NULL),
    CONSTRAINT scheduled_replies_redacted_check CHECK (
        (final_text IS NULL) = (redacted_at IS NOT NULL)
        AND (
            redacted_at IS NULL
            OR (final_html IS NULL AND status IN ('sent', 'failed', 'cancelled'))
        )
    )
);

COMMENT ON TABLE drafts.scheduled_replies IS
'Approved replies on their way out. Sent means confirmed; an outcome that nobody knows is unknown, and is
never tried again before a person has looked.';
COMMENT ON COLUMN drafts.scheduled_replies.scheduled_for IS
'When it is due; moved on by the backoff after a failure.';
COMMENT ON COLUMN drafts.scheduled_replies.lease_id IS
'New for each claim: who reports with an older one has lost the reply.';
COMMENT ON COLUMN drafts.scheduled_replies.external_id IS 'What the channel calls the sent message.';
COMMENT ON COLUMN drafts.scheduled_replies.message_id IS 'The outbound message, made on confirmation.';
COMMENT ON CONSTRAINT scheduled_replies_draft_fkey ON drafts.scheduled_replies IS
'draft_id: the conversation has no such draft';
COMMENT ON CONSTRAINT scheduled_replies_draft_key ON drafts.scheduled_replies IS
'draft_id: the draft has a scheduled reply already';
COMMENT ON CONSTRAINT scheduled_replies_message_fkey ON drafts.scheduled_replies IS
'message_id: the conversation has no such message';
COMMENT ON CONSTRAINT scheduled_replies_status_check ON drafts.scheduled_replies IS
'status: must be held, scheduled, claimed, sent, failed, unknown or cancelled';
COMMENT ON CONSTRAINT scheduled_replies_final_text_check ON drafts.scheduled_replies IS
'final_text: must not be blank, and at most 32 KB';
COMMENT ON CONSTRAINT scheduled_replies_final_html_check ON drafts.scheduled_replies IS
'final_html: must have at most 128 KB';
COMMENT ON CONSTRAINT scheduled_replies_attempts_check ON drafts.scheduled_replies IS
'max_attempts: must be from 1 to 100';
COMMENT ON CONSTRAINT scheduled_replies_scheduled_for_check ON drafts.scheduled_replies IS
'scheduled_for: a scheduled reply has it';
COMMENT ON CONSTRAINT scheduled_replies_lease_check ON drafts.scheduled_replies IS
'lease_expires_at: a claimed reply has a lease, no other has';
COMMENT ON CONSTRAINT scheduled_replies_sent_check ON drafts.scheduled_replies IS
'external_id: a sent reply has sent_at, external_id and message_id, no other has';
COMMENT ON CONSTRAINT scheduled_replies_error_check ON drafts.scheduled_replies IS
'error: a failed or unknown reply says why';
COMMENT ON CONSTRAINT scheduled_replies_redacted_check ON drafts.scheduled_replies IS
'final_text: is there until archiving removes it from a finished reply';

CREATE UNIQUE INDEX scheduled_replies_one_live
ON drafts.scheduled_replies (tenant_id, conversation_id)
WHERE status IN ('held', 'scheduled', 'claimed', 'unknown');
COMMENT ON INDEX drafts.scheduled_replies_one_live IS
'conversation_id: another reply to this conversation is on its way out';
CREATE INDEX scheduled_replies_due ON drafts.scheduled_replies (tenant_id, scheduled_for, id)
WHERE status = 'scheduled';
CREATE INDEX scheduled_replies_leased ON drafts.scheduled_replies (tenant_id, lease_expires_at)
WHERE status = 'claimed';
CREATE INDEX scheduled_replies_created ON drafts.scheduled_replies (tenant_id, created_at, id);
CREATE INDEX scheduled_replies_status
ON drafts.scheduled_replies (tenant_id, status, created_at, id);
CREATE INDEX scheduled_replies_conversation
ON drafts.scheduled_replies (tenant_id, conversation_id, created_at, id);

ALTER TABLE drafts.scheduled_replies ENABLE ROW LEVEL SECURITY;
ALTER TABLE drafts.scheduled_replies FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON drafts.scheduled_replies
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('drafts.scheduled_replies', 'new', 'held'),
('drafts.scheduled_replies', 'new', 'scheduled'),
('drafts.scheduled_replies', 'held', 'scheduled'),
('drafts.scheduled_replies', 'held', 'cancelled'),
('drafts.scheduled_replies', 'scheduled', 'held'),
('drafts.scheduled_replies', 'scheduled', 'claimed'),
('drafts.scheduled_replies', 'scheduled', 'cancelled'),
('drafts.scheduled_replies', 'claimed', 'sent'),
('drafts.scheduled_replies', 'claimed', 'scheduled'),
('drafts.scheduled_replies', 'claimed', 'failed'),
('drafts.scheduled_replies', 'claimed', 'unknown'),
('drafts.scheduled_replies', 'unknown', 'sent'),
('drafts.scheduled_replies', 'unknown', 'held'),
('drafts.scheduled_replies', 'failed', 'scheduled'),
('drafts.scheduled_replies', 'failed', 'held'),
('drafts.scheduled_replies', 'failed', 'cancelled');

CREATE FUNCTION drafts.require_kept_conversation() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    conversation_status text;
BEGIN
    -- Locks out archiving until the reply is there to be seen by it.
    SELECT c.status INTO conversation_status
    FROM inbox.conversations AS c
    WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.conversation_id
    FOR SHARE;
    IF conversation_status = 'archived' THEN
        RAISE EXCEPTION 'an archived conversation takes no replies' USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.require_kept_conversation() IS
'BEFORE INSERT on scheduled_replies, and before a failed one is taken up again: refuses a reply to a conversation
that is archived.';

CREATE TRIGGER require_kept_conversation BEFORE INSERT ON drafts.scheduled_replies
FOR EACH ROW EXECUTE FUNCTION drafts.require_kept_conversation();
CREATE TRIGGER require_kept_conversation_again BEFORE UPDATE ON drafts.scheduled_replies
FOR EACH ROW WHEN (old.status = 'failed' AND new.status IN ('held', 'scheduled'))
EXECUTE FUNCTION drafts.require_kept_conversation();
CREATE TRIGGER check_transition_on_insert BEFORE INSERT ON drafts.scheduled_replies
FOR EACH ROW EXECUTE FUNCTION operations.check_transition('drafts.scheduled_replies');
CREATE TRIGGER check_transition_on_update BEFORE UPDATE ON drafts.scheduled_replies
FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status)
EXECUTE FUNCTION operations.check_transition('drafts.scheduled_replies');
CREATE TRIGGER touch BEFORE UPDATE ON drafts.scheduled_replies
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION operations.touch();
CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON drafts.scheduled_replies
FOR EACH ROW EXECUTE FUNCTION operations.record_event(
    'drafts.scheduled_replies', '{final_text,final_html}'
);

-- Learning --------------------------------------------------------------------------------------------

CREATE TABLE drafts.learning_samples (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    epoch integer NOT NULL DEFAULT operations.current_epoch(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    draft_id uuid NOT NULL,
    action_id uuid NOT NULL,
    model_key text NOT NULL,
    prompt_version text NOT NULL,
    suggested_text text NOT NULL,
    final_text text NOT NULL,
    diff jsonb NOT NULL,
    edit_distance bigint NOT NULL,
    embeddings jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT learning_samples_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT learning_samples_action_fkey FOREIGN KEY (tenant_id, draft_id, action_id)
    REFERENCES drafts.draft_actions (tenant_id, draft_id, id) ON DELETE CASCADE,
    CONSTRAINT learning_samples_action_key UNIQUE (tenant_id, action_id),
    CONSTRAINT learning_samples_diff_check CHECK (
        octet_length(diff::text) < 65536
        AND coalesce(drafts.apply_diff(diff, suggested_text) = final_text, false)
    ),
    CONSTRAINT learning_samples_edit_distance_check CHECK (edit_distance >= 0),
    CONSTRAINT learning_samples_embeddings_check CHECK (octet_length(embeddings::text) < 65536)
);

COMMENT ON TABLE drafts.learning_samples IS
'What people corrected, for the next model: the original, the final text, and the edit between them.';
COMMENT ON COLUMN drafts.learning_samples.xid IS
'The writing transaction. Exports read in the order (epoch, xid, id), below
pg_snapshot_xmin(pg_current_snapshot()), so that a late commit is not skipped.';
COMMENT ON CONSTRAINT learning_samples_action_fkey ON drafts.learning_samples IS
'action_id: the draft has no such action';
COMMENT ON CONSTRAINT learning_samples_action_key ON drafts.learning_samples IS
'action_id: has a learning sample already';
COMMENT ON CONSTRAINT learning_samples_diff_check ON drafts.learning_samples IS
'diff: must lead from suggested_text to final_text, in under 64 KB';
COMMENT ON CONSTRAINT learning_samples_edit_distance_check ON drafts.learning_samples IS
'edit_distance: must not be negative';
COMMENT ON CONSTRAINT learning_samples_embeddings_check ON drafts.learning_samples IS
'embeddings: must be under 64 KB';

CREATE INDEX learning_samples_created ON drafts.learning_samples (tenant_id, created_at, id);
CREATE INDEX learning_samples_order ON drafts.learning_samples (tenant_id, epoch, xid, id);

ALTER TABLE drafts.learning_samples ENABLE ROW LEVEL SECURITY;
ALTER TABLE drafts.learning_samples FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON drafts.learning_samples
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON drafts.learning_samples
FOR EACH ROW EXECUTE FUNCTION operations.record_event(
    'drafts.learning_samples', '{suggested_text,final_text,diff,embeddings}'
);
