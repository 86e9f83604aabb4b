-- name: drafts.decide :maybe
-- The one decision on a pending draft, with all that belongs to it: the action, the reply on its way out
-- after an approval, the learning sample after an edit; the tweet is skipped if that is wanted. Whoever comes second
-- finds the draft no longer pending and gets no row; so does who may not decide by the tenant's rules, approves a
-- toxic draft without saying so, names another revision, or has not seen the message that came last.
-- drafts.get_decision tells which it was. A reply to a closed conversation that does not say so is refused by the
-- trigger drafts.require_kept_conversation().
-- A tweet that is left without a live draft is relevant again by the trigger drafts.return_tweet().
-- row: draft_decision, the original
-- param: tenant_id        uuid             = '00000000-0000-7000-8000-000000000001'
-- param: id               uuid             = '00000000-0000-7000-8000-000000000007'
-- param: revision         bigint NULL      = NULL
-- param: user_id          uuid             = '00000000-0000-7000-8000-000000000002'
-- param: role             text NULL        = 'agent'
-- param: type             text             = 'approve'
-- param: status           text             = 'approved'
-- param: superseded_by_id uuid NULL        = NULL
-- param: reason           text NULL        = NULL
-- param: final_text       text NULL        = NULL
-- param: final_html       text NULL        = NULL
-- param: diff             jsonb NULL       = NULL
-- param: edit_distance    bigint NULL      = NULL
-- param: embeddings       jsonb NULL       = NULL
-- param: warnings         jsonb            = '[]'
-- param: reply_status     text             = 'scheduled'
-- param: scheduled_for    timestamptz NULL = NULL
-- param: confirm_toxicity boolean          = false
-- param: confirm_closed   boolean          = false
-- param: seen_message_id  uuid NULL        = NULL
-- param: skip_tweet       boolean          = false
-- not null: id, version, status, revision, action, warnings
WITH conversation AS (
    -- First, as whoever archives the conversation, or adds a draft or a message does: the other way round they would
    -- deadlock. A message that came while this waited is seen.
    SELECT
        c.id,
        c.last_message_id
    FROM inbox.conversations AS c
    INNER JOIN drafts.drafts AS d
        ON d.tenant_id = :tenant_id
        AND d.conversation_id = c.id
        AND d.id = :id
    WHERE c.tenant_id = :tenant_id
    FOR SHARE OF c
),

tweet AS (
    -- The same. It may change with the draft, so its lock is not shared.
    SELECT t.id
    FROM tweets.tweets AS t
    INNER JOIN drafts.drafts AS d
        ON d.tenant_id = :tenant_id
        AND d.tweet_id = t.id
        AND d.id = :id
    WHERE t.tenant_id = :tenant_id
    FOR NO KEY UPDATE OF t
),

subject AS (
    SELECT
        conversation.id,
        conversation.last_message_id
    FROM conversation
    UNION ALL
    SELECT
        tweet.id,
        NULL AS last_message_id
    FROM tweet
),

decided AS (
    UPDATE drafts.drafts AS d
    SET
        status = :status,
        superseded_by_id = :superseded_by_id
    FROM subject
    CROSS JOIN identity.tenants AS t
    WHERE d.tenant_id = :tenant_id
        AND d.id = :id
        AND d.status = 'pending'
        AND (:revision::bigint IS NULL OR d.revision = :revision)
        AND t.id = :tenant_id
        AND (t.decision_role = 'agent' OR :role IN ('approver', 'admin'))
        AND (t.self_approval OR d.author_user_id IS DISTINCT FROM :user_id)
        AND (
            :status <> 'approved'
            OR :confirm_toxicity
            OR d.toxicity_score IS NULL
            OR d.toxicity_score < t.toxicity_threshold
        )
        AND (:seen_message_id::uuid IS NULL OR subject.last_message_id = :seen_message_id)
        AND (NOT :skip_tweet OR d.tweet_id IS NOT NULL)
    RETURNING
        d.id,
        d.conversation_id,
        d.tweet_id,
        d.version,
        d.status,
        d.model_key,
        d.prompt_version,
        d.suggested_text,
        d.suggested_html,
        d.revision
),

action AS (
    INSERT INTO drafts.draft_actions AS a (
        tenant_id,
        draft_id,
        user_id,
        type,
        reason,
        final_text,
        final_html,
        diff,
        edit_distance
    )
    SELECT
        :tenant_id,
        decided.id,
        :user_id,
        :type,
        :reason,
        CASE
            WHEN :type = 'approve' THEN operations.trimmed(decided.suggested_text)
            ELSE :final_text
        END,
        CASE
            WHEN :type = 'approve' THEN decided.suggested_html
            ELSE :final_html
        END,
        :diff,
        :edit_distance
    FROM decided
    RETURNING
        a.id,
        a.draft_id,
        a.user_id,
        a.type,
        a.reason,
        a.final_text,
        a.final_html,
        a.diff,
        a.edit_distance,
        a.created_at,
        a.redacted_at
),

reply AS (
    INSERT INTO drafts.scheduled_replies AS r (
        tenant_id, conversation_id, tweet_id, draft_id, status, final_text, final_html, scheduled_for, to_closed
    )
    SELECT
        :tenant_id,
        decided.conversation_id,
        decided.tweet_id,
        decided.id,
        :reply_status,
        action.final_text,
        action.final_html,
        CASE WHEN :reply_status = 'scheduled' THEN coalesce(:scheduled_for, now()) END,
        :confirm_closed
    FROM decided
    INNER JOIN action ON action.draft_id = decided.id
    WHERE decided.status = 'approved'
    RETURNING
        r.id,
        r.conversation_id,
        r.tweet_id,
        r.draft_id,
        r.status,
        r.final_text,
        r.final_html,
        r.scheduled_for,
        r.hold_reason,
        r.attempts,
        r.max_attempts,
        r.locked_by,
        r.lease_expires_at,
        r.error,
        r.external_id,
        r.message_id,
        r.sent_at,
        r.created_at,
        r.updated_at,
        r.redacted_at,
        r.revision
),

sample AS (
    INSERT INTO drafts.learning_samples AS s (
        tenant_id,
        draft_id,
        action_id,
        model_key,
        prompt_version,
        suggested_text,
        final_text,
        diff,
        edit_distance,
        embeddings
    )
    SELECT
        :tenant_id,
        decided.id,
        action.id AS action_id,
        decided.model_key,
        decided.prompt_version,
        decided.suggested_text,
        action.final_text,
        action.diff,
        action.edit_distance,
        :embeddings
    FROM decided
    INNER JOIN action ON action.draft_id = decided.id
    WHERE action.diff IS NOT NULL
    RETURNING s.id
),

skipped AS (
    UPDATE tweets.tweets AS t
    SET
        status = 'skipped',
        relevance_score = 0
    FROM decided
    WHERE t.tenant_id = :tenant_id
        AND t.id = decided.tweet_id
        AND :skip_tweet
    RETURNING t.id
)

SELECT
    decided.id,
    decided.conversation_id,
    decided.tweet_id,
    decided.version,
    decided.status,
    decided.revision,
    row_to_json(action) AS action,
    row_to_json(reply) AS scheduled_reply,
    sample.id AS learning_sample_id,
    :warnings::jsonb AS warnings
FROM decided
INNER JOIN action ON action.draft_id = decided.id
LEFT OUTER JOIN reply ON reply.draft_id = decided.id
LEFT OUTER JOIN sample ON true;
