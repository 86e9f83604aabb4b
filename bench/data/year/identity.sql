-- Teams of the 50 tenants that stayed: one for three users and a hundred more of the large tenant, each with five members,
-- a chat in which they take part, and what was counted in two months. After desk.sql, in its transaction: the tenants
-- and the functions are those of that file.

UPDATE identity.users AS u
SET
    handle = lower(replace(u.display_name, ' ', '-')),
    languages = '{en}',
    is_private = u.role = 'viewer',
    last_active_at = timestamptz '2025-12-30'
WHERE u.role <> 'approver';

INSERT INTO identity.user_words (tenant_id, word, id)
SELECT DISTINCT
    u.tenant_id,
    left(w.word, n) COLLATE "C" AS beginning,
    u.id
FROM identity.users AS u
CROSS JOIN unnest(tsvector_to_array(to_tsvector('simple', concat_ws(' ', u.display_name, u.handle)))) AS w (word)
CROSS JOIN generate_series(1, length(w.word)) AS n
ORDER BY u.id, beginning;

CREATE TEMPORARY TABLE team ON COMMIT DROP AS
SELECT
    t.n,
    k,
    t.id AS tenant_id,
    t.created_at AS tenant_created_at,
    t.users,
    made.at,
    k % 5 = 2 AS is_private,
    CASE
        WHEN t.n = 1 AND k = 1 THEN '00000000-0000-7000-8000-000000000071'
        ELSE pg_temp.id(format('team %s of %s', k, t.n), made.at)
    END AS id
FROM tenant AS t
CROSS JOIN LATERAL generate_series(1, t.users / 3 + CASE WHEN t.n = 1 THEN 100 ELSE 0 END) AS k
CROSS JOIN LATERAL (SELECT t.created_at + k * interval '7 hours' AS at) AS made
WHERE t.n <= 50
ORDER BY t.n, k;

INSERT INTO identity.teams (
    tenant_id,
    id,
    name,
    handle,
    description,
    is_private,
    is_open_to_new_members,
    languages,
    parent_id,
    created_by_id,
    member_count,
    admin_count,
    created_at,
    updated_at
)
SELECT
    t.tenant_id,
    t.id,
    'Team ' || t.k,
    CASE WHEN t.k % 2 = 0 THEN 'team-' || t.k END,
    pg_temp.prose(format('team %s of %s', t.k, t.n), 40, 300),
    t.is_private,
    t.k % 3 = 0,
    '{en}',
    above.id,
    pg_temp.id(format('user %s of %s', 1 + t.k % t.users, t.n), t.tenant_created_at),
    least(5, t.users),
    1,
    t.at,
    t.at
FROM team AS t
-- None is below the first, which a sample deletes.
LEFT OUTER JOIN team AS above ON above.n = t.n AND above.k = t.k / 10 AND above.k > 1 AND t.k % 4 = 0
ORDER BY t.n, t.k;

CREATE TEMPORARY TABLE member ON COMMIT DROP AS
SELECT
    t.n,
    t.k,
    m,
    t.tenant_id,
    t.id AS team_id,
    t.at,
    CASE WHEN t.is_private THEN t.id ELSE t.tenant_id END AS audience,
    pg_temp.id(format('user %s of %s', 1 + (t.k + m * 7) % t.users, t.n), t.tenant_created_at) AS user_id
FROM team AS t
CROSS JOIN LATERAL generate_series(0, 4) AS m
ORDER BY t.n, t.k, m;

INSERT INTO identity.team_members (
    tenant_id, id, team_id, user_id, is_admin, permissions, audience, created_at, updated_at
)
SELECT
    m.tenant_id,
    pg_temp.id(format('member %s of team %s of %s', m.m, m.k, m.n), m.at + m.m * interval '1 minute'),
    m.team_id,
    m.user_id,
    m.m = 0,
    '{write-resources,run-resources,write-chat}',
    m.audience,
    m.at,
    m.at
FROM member AS m
ORDER BY m.n, m.k, m.m
ON CONFLICT DO NOTHING;

INSERT INTO identity.chats (tenant_id, id, team_id, created_by_id, config, audience, created_at, updated_at)
SELECT
    m.tenant_id,
    CASE
        WHEN m.n = 1 AND m.k = 1 THEN '00000000-0000-7000-8000-000000000072'
        ELSE pg_temp.id(format('chat of team %s of %s', m.k, m.n), m.at)
    END,
    m.team_id,
    m.user_id,
    '{"version": 1}',
    m.audience,
    m.at,
    m.at
FROM member AS m
WHERE m.m = 0
ORDER BY m.n, m.k;

INSERT INTO identity.chat_participants (
    tenant_id, id, team_id, chat_id, user_id, has_unread, audience, created_at, updated_at
)
SELECT
    m.tenant_id,
    pg_temp.id(format('participant %s', m.id), m.created_at),
    m.team_id,
    c.id,
    m.user_id,
    pg_temp.chance(format('unread %s', m.id)) < 0.3,
    m.audience,
    m.created_at,
    m.created_at
FROM identity.team_members AS m
INNER JOIN identity.chats AS c ON c.tenant_id = m.tenant_id AND c.team_id = m.team_id
ORDER BY m.id;

CREATE TEMPORARY TABLE period ON COMMIT DROP AS
SELECT DISTINCT
    p.period_type,
    p.period_start,
    p.period_end
FROM generate_series(timestamptz '2025-11-01', timestamptz '2025-12-30', interval '12 hours') AS moment
CROSS JOIN LATERAL identity.periods(moment) AS p
ORDER BY p.period_type, p.period_start;

INSERT INTO identity.team_stats (
    tenant_id, team_id, period_type, period_start, period_end, members_created, runs_started, audience
)
SELECT
    t.tenant_id,
    t.id,
    p.period_type,
    p.period_start,
    p.period_end,
    1,
    2,
    t.audience
FROM identity.teams AS t
CROSS JOIN period AS p
WHERE pg_temp.chance(format('%s %s %s', t.id, p.period_type, p.period_start)) < 0.3
ORDER BY t.id, p.period_type, p.period_start;

INSERT INTO identity.user_stats (
    tenant_id, user_id, period_type, period_start, period_end, runs_started, runs_completed
)
SELECT
    u.tenant_id,
    u.id,
    p.period_type,
    p.period_start,
    p.period_end,
    3,
    2
FROM identity.users AS u
INNER JOIN tenant AS t ON t.id = u.tenant_id AND t.n <= 50
CROSS JOIN period AS p
WHERE pg_temp.chance(format('%s %s %s', u.id, p.period_type, p.period_start)) < 0.2
ORDER BY u.id, p.period_type, p.period_start;
