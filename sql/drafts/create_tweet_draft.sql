-- name: drafts.create_tweet_draft :maybe
-- A draft for a tweet, which is named by its id or by what X calls it; otherwise as drafts.create_draft. The trigger
-- drafts.number_draft() also makes a relevant tweet a drafted one, and refuses a draft for one that is skipped or
-- posted. Indexes: tweets_pkey, tweets_external_id_key.
-- single: the tweet is named by one of two unique keys, and the other is NULL
-- row: draft
-- param: tenant_id          uuid        = '00000000-0000-7000-8000-000000000001'
-- param: tweet_id           uuid NULL   = '00000000-0000-7000-8000-000000000014'
-- param: tweet_external_id  text NULL   = NULL
-- param: author_user_id     uuid NULL   = NULL
-- param: model_key          text        = 'gpt-4o-mini'
-- param: prompt_version     text NULL   = 'v1'
-- param: prompt_version_id  uuid NULL   = NULL
-- param: suggested_text     text        = 'It is on its way.'
-- param: top_sources        jsonb       = '[]'
-- param: style_score        float8 NULL = 0.9
-- param: toxicity_score     float8 NULL = 0.01
-- param: tokens_in          bigint NULL = 1200
-- param: tokens_out         bigint NULL = 110
-- param: cost_micros        bigint NULL = 5500
-- param: latency_ms         bigint NULL = 1420
-- param: job_id             uuid NULL   = NULL
-- param: lease_id           uuid NULL   = NULL
WITH tweet AS (
    SELECT t.id
    FROM tweets.tweets AS t
    WHERE t.tenant_id = :tenant_id
        AND (t.id = :tweet_id OR t.external_id = :tweet_external_id)
),

job AS (
    UPDATE operations.jobs AS j
    SET
        status = 'succeeded',
        finished_at = now(),
        lease_expires_at = NULL
    FROM tweet
    WHERE j.tenant_id = :tenant_id
        AND j.id = :job_id
        AND j.lease_id = :lease_id
        AND j.lease_expires_at > now()
        AND j.payload ->> 'tweet_id' = tweet.id::text
    RETURNING j.id
),

draft AS (
    INSERT INTO drafts.drafts AS d (
        tenant_id,
        tweet_id,
        job_id,
        author_user_id,
        model_key,
        prompt_version,
        prompt_version_id,
        suggested_text,
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
        tweet.id,
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
        :top_sources,
        :style_score,
        :toxicity_score,
        :tokens_in,
        :tokens_out,
        :cost_micros,
        :latency_ms
    FROM tweet
    WHERE :job_id::uuid IS NULL OR EXISTS (SELECT 1 FROM job)
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
            'tweet_id', draft.tweet_id,
            'version', draft.version
        )
    FROM draft
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
