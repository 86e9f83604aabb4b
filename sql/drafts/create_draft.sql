-- name: drafts.create_draft :maybe
-- A draft of a conversation, pending; and the notification that it is ready. One for an older message than the pending
-- draft answers is superseded at once, and nobody is told. If it answers a job, the job is
-- finished with it, or neither happens: no row when there is no such conversation, or the job's lease is
-- lost. The trigger drafts.number_draft() gives the version and supersedes the pending draft. If only the prompt's
-- id is told, its label is kept beside it; an unknown prompt is called by its id, for the foreign key to refuse it.
-- row: draft
-- param: tenant_id          uuid        = '00000000-0000-7000-8000-000000000001'
-- param: conversation_id    uuid        = '00000000-0000-7000-8000-000000000005'
-- param: trigger_message_id uuid NULL   = NULL
-- param: author_user_id     uuid NULL   = NULL
-- param: model_key          text        = 'gpt-4o-mini'
-- param: prompt_version     text NULL   = 'v1'
-- param: prompt_version_id  uuid NULL   = NULL
-- param: suggested_text     text        = 'It is on its way.'
-- param: suggested_html     text NULL   = NULL
-- param: top_sources        jsonb       = '[]'
-- param: style_score        float8 NULL = 0.9
-- param: toxicity_score     float8 NULL = 0.01
-- param: tokens_in          bigint NULL = 1200
-- param: tokens_out         bigint NULL = 110
-- param: cost_micros        bigint NULL = 5500
-- param: latency_ms         bigint NULL = 1420
-- param: job_id             uuid NULL   = NULL
-- param: lease_id           uuid NULL   = NULL
WITH job AS (
    UPDATE operations.jobs AS j
    SET
        status = 'succeeded',
        finished_at = now(),
        lease_expires_at = NULL
    WHERE j.tenant_id = :tenant_id
        AND j.id = :job_id
        AND j.lease_id = :lease_id
        AND j.lease_expires_at > now()
        AND j.payload ->> 'conversation_id' = :conversation_id::text
    RETURNING j.id
),

draft AS (
    INSERT INTO drafts.drafts AS d (
        tenant_id,
        conversation_id,
        trigger_message_id,
        job_id,
        author_user_id,
        model_key,
        prompt_version,
        prompt_version_id,
        suggested_text,
        suggested_html,
        top_sources,
        style_score,
        toxicity_score,
        tokens_in,
        tokens_out,
        cost_micros,
        latency_ms
    )
    SELECT
        :tenant_id,
        c.id,
        :trigger_message_id,
        :job_id,
        :author_user_id,
        :model_key,
        coalesce(
            :prompt_version,
            (
                SELECT p.label
                FROM models.prompt_versions AS p
                WHERE p.tenant_id = :tenant_id
                    AND p.id = :prompt_version_id
            ),
            :prompt_version_id::uuid::text
        ),
        :prompt_version_id,
        :suggested_text,
        :suggested_html,
        :top_sources,
        :style_score,
        :toxicity_score,
        :tokens_in,
        :tokens_out,
        :cost_micros,
        :latency_ms
    FROM inbox.conversations AS c
    WHERE c.tenant_id = :tenant_id
        AND c.id = :conversation_id
        AND (:job_id::uuid IS NULL OR EXISTS (SELECT 1 FROM job))
    RETURNING
        d.id,
        d.conversation_id,
        d.tweet_id,
        d.trigger_message_id,
        d.author_user_id,
        d.version,
        d.status,
        d.model_key,
        d.prompt_version,
        d.prompt_version_id,
        d.suggested_text,
        d.suggested_html,
        d.top_sources,
        d.style_score,
        d.toxicity_score,
        d.tokens_in,
        d.tokens_out,
        d.cost_micros,
        d.latency_ms,
        d.superseded_by_id,
        d.superseded_reason,
        d.created_at,
        d.updated_at,
        d.redacted_at,
        d.revision
),

notification AS (
    INSERT INTO operations.notifications AS n (tenant_id, type, payload)
    SELECT
        :tenant_id,
        'draft_ready',
        jsonb_build_object(
            'draft_id', draft.id,
            'conversation_id', draft.conversation_id,
            'version', draft.version
        )
    FROM draft
    WHERE draft.status = 'pending'
    RETURNING n.id
)

SELECT
    draft.id,
    draft.conversation_id,
    draft.tweet_id,
    draft.trigger_message_id,
    draft.author_user_id,
    draft.version,
    draft.status,
    draft.model_key,
    draft.prompt_version,
    draft.prompt_version_id,
    draft.suggested_text,
    draft.suggested_html,
    draft.top_sources,
    draft.style_score,
    draft.toxicity_score,
    draft.tokens_in,
    draft.tokens_out,
    draft.cost_micros,
    draft.latency_ms,
    draft.superseded_by_id,
    draft.superseded_reason,
    draft.created_at,
    draft.updated_at,
    draft.redacted_at,
    draft.revision
FROM draft;
