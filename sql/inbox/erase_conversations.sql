-- name: inbox.erase_conversations :one
-- Deletes some conversations of a customer, in the order of their ids, with all that hangs on them, and tells how many
-- rows of each table went; a dry run only counts. `refs` are the ids by which others may name what went, `last_id` is
-- where the next batch begins. The owner alone may delete.
-- Index: conversations_customer.
-- param: tenant_id uuid    = '00000000-0000-7000-8000-000000000001'
-- param: email     text    = 'kim@example.com'
-- param: after_id  uuid    = '00000000-0000-0000-0000-000000000000'
-- param: limit     int     = 20
-- param: dry_run   boolean = true
-- not null: conversations, messages, message_versions, attachments, drafts, draft_actions, scheduled_replies
-- not null: learning_samples, refs
WITH chosen AS MATERIALIZED (
    SELECT c.id
    FROM inbox.conversations AS c
    WHERE c.tenant_id = :tenant_id
        AND c.customer_address = lower(btrim(:email))
        AND c.id > :after_id
    ORDER BY c.id
    LIMIT :limit
),

of_messages AS MATERIALIZED (
    SELECT m.id
    FROM inbox.messages AS m
    WHERE m.tenant_id = :tenant_id
        AND m.conversation_id = any(array(SELECT chosen.id FROM chosen))
),

of_drafts AS MATERIALIZED (
    SELECT d.id
    FROM drafts.drafts AS d
    WHERE d.tenant_id = :tenant_id
        AND d.conversation_id = any(array(SELECT chosen.id FROM chosen))
),

of_actions AS MATERIALIZED (
    SELECT a.id
    FROM drafts.draft_actions AS a
    WHERE a.tenant_id = :tenant_id
        AND a.draft_id = any(array(SELECT of_drafts.id FROM of_drafts))
)

SELECT
    (SELECT count(*) FROM of_messages) AS messages,
    (
        SELECT count(*)
        FROM inbox.message_versions AS v
        WHERE v.tenant_id = :tenant_id
            AND v.message_id = any(array(SELECT of_messages.id FROM of_messages))
    ) AS message_versions,
    (
        SELECT count(*)
        FROM inbox.attachments AS f
        WHERE f.tenant_id = :tenant_id
            AND f.message_id = any(array(SELECT of_messages.id FROM of_messages))
    ) + (
        SELECT count(*)
        FROM inbox.attachments AS f
        WHERE f.tenant_id = :tenant_id
            AND f.draft_id = any(array(SELECT of_drafts.id FROM of_drafts))
    ) AS attachments,
    (SELECT count(*) FROM of_drafts) AS drafts,
    (SELECT count(*) FROM of_actions) AS draft_actions,
    (
        SELECT count(*)
        FROM drafts.scheduled_replies AS r
        WHERE r.tenant_id = :tenant_id
            AND r.conversation_id = any(array(SELECT chosen.id FROM chosen))
    ) AS scheduled_replies,
    (
        SELECT count(*)
        FROM drafts.learning_samples AS s
        WHERE s.tenant_id = :tenant_id
            AND s.action_id = any(array(SELECT of_actions.id FROM of_actions))
    ) AS learning_samples,
    (
        SELECT coalesce(jsonb_agg(ids.id), '[]')
        FROM (
            SELECT chosen.id FROM chosen
            UNION ALL
            SELECT of_messages.id FROM of_messages
            UNION ALL
            SELECT of_drafts.id FROM of_drafts
        ) AS ids
    ) AS refs,
    (array_agg(chosen.id ORDER BY chosen.id DESC))[1] AS last_id,
    CASE
        WHEN :dry_run THEN count(*)
        ELSE inbox.forget_conversations(:tenant_id, array_agg(chosen.id))
    END AS conversations
FROM chosen;
