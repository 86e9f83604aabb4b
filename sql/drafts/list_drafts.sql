-- name: drafts.list_drafts :page
-- Drafts of a tenant, newest first.
-- Index: the primary key.
-- row: draft, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_id  uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit     int  = 30
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
FROM drafts.drafts AS d
WHERE d.tenant_id = :tenant_id
    AND d.id < :after_id
ORDER BY d.id DESC
LIMIT :limit + 1;
