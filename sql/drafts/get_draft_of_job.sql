-- name: drafts.get_draft_of_job :maybe
-- The draft that a job was finished with under this lease, for a worker that posts it again because it did not get the
-- answer. No row when it is for another conversation or tweet. Index: drafts_job.
-- row: draft
-- single: a job has one draft, as drafts_job says
-- param: tenant_id         uuid      = '00000000-0000-7000-8000-000000000001'
-- param: job_id            uuid NULL = '00000000-0000-7000-8000-00000000000a'
-- param: lease_id          uuid NULL = '00000000-0000-7000-8000-000000000009'
-- param: conversation_id   uuid NULL = '00000000-0000-7000-8000-000000000005'
-- param: tweet_id          uuid NULL = NULL
-- param: tweet_external_id text NULL = NULL
SELECT
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
FROM operations.jobs AS j
INNER JOIN drafts.drafts AS d
    ON d.tenant_id = :tenant_id
    AND d.job_id = j.id
LEFT OUTER JOIN tweets.tweets AS t
    ON t.tenant_id = :tenant_id
    AND t.id = d.tweet_id
WHERE j.tenant_id = :tenant_id
    AND j.id = :job_id
    AND j.lease_id = :lease_id
    AND (d.conversation_id = :conversation_id OR t.id = :tweet_id OR t.external_id = :tweet_external_id);
