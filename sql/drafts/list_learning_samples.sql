-- name: drafts.list_learning_samples :page
-- What people corrected since a time, by default the last 24 hours, newest first.
-- Index: learning_samples_created.
-- replica: a correction that comes a little later is learned from a little later
-- param: tenant_id        uuid             = '00000000-0000-7000-8000-000000000001'
-- param: since            timestamptz NULL = NULL
-- param: after_created_at timestamptz      = 'infinity'
-- param: after_id         uuid             = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
-- param: limit            int              = 30
SELECT
    s.id,
    s.draft_id,
    s.action_id,
    s.model_key,
    s.prompt_version,
    s.suggested_text,
    s.final_text,
    s.diff,
    s.edit_distance,
    s.embeddings,
    s.created_at
FROM drafts.learning_samples AS s
WHERE s.tenant_id = :tenant_id
    -- Not coalesce(), which row-level security would keep out of the index's condition.
    AND s.created_at >= CASE
        WHEN :since::timestamptz IS NULL THEN now() - interval '24 hours'
        ELSE :since::timestamptz
    END
    AND (s.created_at, s.id) < (:after_created_at, :after_id)
ORDER BY s.created_at DESC, s.id DESC
LIMIT :limit + 1;
