-- name: inbox.export_customer :many
-- All that is kept of a customer: their conversations with what hangs on them, and the jobs and notifications that name
-- a conversation of theirs or their address, jobs with their attempts. A row of each as it is, whatever its columns.
-- scan: operations.jobs: what they name is within their texts and JSON
-- scan: operations.job_attempts: what they name is within their errors
-- scan: operations.notifications: what they name is within their JSON
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: email     text = 'kim@example.com'
-- param: mention   text = 'kim@example\.com'
-- not null: entity, data
WITH chosen AS MATERIALIZED (
    SELECT c.id
    FROM inbox.conversations AS c
    WHERE c.tenant_id = :tenant_id
        AND c.customer_address = lower(btrim(:email))
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
),

of_jobs AS MATERIALIZED (
    SELECT j.id
    FROM operations.jobs AS j
    WHERE j.tenant_id = :tenant_id
        AND (
            j.payload ->> 'conversation_id' = any(array(SELECT chosen.id::text FROM chosen))
            OR concat_ws(' ', j.unique_key, j.payload::text, j.error, j.metrics::text) ~* :mention
        )
    UNION
    SELECT a.job_id
    FROM operations.job_attempts AS a
    WHERE a.tenant_id = :tenant_id
        AND a.error ~* :mention
)

SELECT
    'inbox.conversations' AS entity,
    to_jsonb(c) - 'tenant_id' AS data
FROM inbox.conversations AS c
WHERE c.tenant_id = :tenant_id
    AND c.id = any(array(SELECT chosen.id FROM chosen))
UNION ALL
SELECT
    'inbox.messages' AS entity,
    to_jsonb(m) - 'tenant_id' AS data
FROM inbox.messages AS m
WHERE m.tenant_id = :tenant_id
    AND m.id = any(array(SELECT of_messages.id FROM of_messages))
UNION ALL
SELECT
    'inbox.message_versions' AS entity,
    to_jsonb(v) - 'tenant_id' AS data
FROM inbox.message_versions AS v
WHERE v.tenant_id = :tenant_id
    AND v.message_id = any(array(SELECT of_messages.id FROM of_messages))
UNION ALL
SELECT
    'inbox.attachments' AS entity,
    to_jsonb(f) - 'tenant_id' AS data
FROM inbox.attachments AS f
WHERE f.tenant_id = :tenant_id
    AND f.message_id = any(array(SELECT of_messages.id FROM of_messages))
UNION ALL
SELECT
    'inbox.attachments' AS entity,
    to_jsonb(f) - 'tenant_id' AS data
FROM inbox.attachments AS f
WHERE f.tenant_id = :tenant_id
    AND f.draft_id = any(array(SELECT of_drafts.id FROM of_drafts))
UNION ALL
SELECT
    'drafts.drafts' AS entity,
    to_jsonb(d) - 'tenant_id' AS data
FROM drafts.drafts AS d
WHERE d.tenant_id = :tenant_id
    AND d.id = any(array(SELECT of_drafts.id FROM of_drafts))
UNION ALL
SELECT
    'drafts.draft_actions' AS entity,
    to_jsonb(a) - 'tenant_id' AS data
FROM drafts.draft_actions AS a
WHERE a.tenant_id = :tenant_id
    AND a.id = any(array(SELECT of_actions.id FROM of_actions))
UNION ALL
SELECT
    'drafts.scheduled_replies' AS entity,
    to_jsonb(r) - '{tenant_id,lease_id}'::text [] AS data
FROM drafts.scheduled_replies AS r
WHERE r.tenant_id = :tenant_id
    AND r.conversation_id = any(array(SELECT chosen.id FROM chosen))
UNION ALL
SELECT
    'drafts.learning_samples' AS entity,
    to_jsonb(s) - 'tenant_id' AS data
FROM drafts.learning_samples AS s
WHERE s.tenant_id = :tenant_id
    AND s.action_id = any(array(SELECT of_actions.id FROM of_actions))
UNION ALL
SELECT
    'operations.jobs' AS entity,
    to_jsonb(j) - '{tenant_id,lease_id}'::text [] AS data
FROM operations.jobs AS j
WHERE j.tenant_id = :tenant_id
    AND j.id = any(array(SELECT of_jobs.id FROM of_jobs))
UNION ALL
SELECT
    'operations.job_attempts' AS entity,
    to_jsonb(a) - 'tenant_id' AS data
FROM operations.job_attempts AS a
WHERE a.tenant_id = :tenant_id
    AND a.job_id = any(array(SELECT of_jobs.id FROM of_jobs))
UNION ALL
SELECT
    'operations.notifications' AS entity,
    to_jsonb(n) - 'tenant_id' AS data
FROM operations.notifications AS n
WHERE n.tenant_id = :tenant_id
    AND (
        n.payload ->> 'conversation_id' = any(array(SELECT chosen.id::text FROM chosen))
        OR concat_ws(' ', n.unique_key, n.payload::text) ~* :mention
    );
