-- name: drafts.get_decision :maybe
-- Why a decision did not take place: what was decided before, by whom and when; and the tenant's rules.
-- scan: identity.users: of a tenant with few users; with many the planner takes users_pkey
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: id        uuid = '00000000-0000-7000-8000-000000000007'
SELECT
    d.status,
    d.revision,
    d.author_user_id,
    d.superseded_by_id,
    d.superseded_reason,
    d.conversation_id,
    d.tweet_id,
    d.toxicity_score,
    d.updated_at,
    c.last_message_id,
    t.decision_role,
    t.self_approval,
    t.toxicity_threshold,
    a.type,
    a.user_id,
    a.created_at AS decided_at,
    u.display_name
FROM drafts.drafts AS d
INNER JOIN identity.tenants AS t ON t.id = :tenant_id
LEFT OUTER JOIN inbox.conversations AS c
    ON c.tenant_id = :tenant_id
    AND c.id = d.conversation_id
LEFT OUTER JOIN LATERAL (
    SELECT
        latest.type,
        latest.user_id,
        latest.created_at
    FROM drafts.draft_actions AS latest
    WHERE latest.tenant_id = :tenant_id
        AND latest.draft_id = d.id
    ORDER BY latest.id DESC
    LIMIT 1
) AS a ON true
LEFT OUTER JOIN identity.users AS u
    ON u.tenant_id = :tenant_id
    AND u.id = a.user_id
WHERE d.tenant_id = :tenant_id
    AND d.id = :id;
