-- A year of webhooks: two endpoints of each tenant, and what became of each event of the log. After desk.sql, in its
-- transaction: the tenants and the functions are those of that file.

INSERT INTO webhooks.endpoints (
    tenant_id, id, url, secret, after_epoch, after_xid, after_id, created_at, updated_at
)
SELECT
    t.id,
    CASE
        WHEN t.n = 1 AND e.i = 1 THEN pg_temp.numbered('00000000', 145)
        ELSE pg_temp.id(format('webhook endpoint %s of %s', e.i, t.n), t.created_at)
    END,
    format('https://example.com/%s/%s', t.n, e.i),
    decode(repeat('00', 68), 'hex'),
    1,
    '2000000',
    pg_temp.sample('f'),
    t.created_at,
    t.created_at
FROM tenant AS t
CROSS JOIN generate_series(1, 2) AS e (i)
ORDER BY t.n, e.i;

INSERT INTO webhooks.deliveries (
    tenant_id,
    id,
    endpoint_id,
    event_id,
    epoch,
    xid,
    type,
    entity,
    entity_id,
    status,
    attempts,
    next_attempt_at,
    lease_id,
    lease_expires_at,
    response_status,
    duration_ms,
    error,
    finished_at,
    created_at
)
SELECT
    e.tenant_id,
    CASE
        WHEN e.id = pg_temp.numbered('00000000', 145) AND v.id = pg_temp.sample('f')
            THEN pg_temp.numbered('00000000', 146)
        ELSE pg_temp.id(format('delivery of %s to %s', v.id, e.id), v.occurred_at)
    END,
    e.id,
    v.id,
    v.epoch,
    v.xid,
    'change',
    v.entity,
    v.entity_id,
    s.status,
    CASE s.status WHEN 'dead' THEN 10 WHEN 'delivered' THEN 1 ELSE 0 END,
    v.occurred_at,
    CASE s.status WHEN 'delivering' THEN v.id END,
    CASE s.status WHEN 'delivering' THEN v.occurred_at + interval '15 seconds' END,
    CASE s.status WHEN 'dead' THEN 500 WHEN 'delivered' THEN 200 END,
    CASE WHEN s.status IN ('dead', 'delivered') THEN 20 END,
    CASE s.status WHEN 'dead' THEN 'HTTP 500' END,
    CASE WHEN s.status IN ('dead', 'delivered') THEN v.occurred_at END,
    v.occurred_at
FROM webhooks.endpoints AS e
INNER JOIN operations.events AS v ON v.tenant_id = e.tenant_id
CROSS JOIN LATERAL (SELECT pg_temp.chance(format('webhook %s %s', v.id, e.id)) AS chance) AS luck
CROSS JOIN LATERAL (
    -- Of each row at most one is pending or under way.
    SELECT
        CASE
            WHEN luck.chance < 0.001 AND v.action = 'INSERT' THEN 'delivering'
            WHEN luck.chance < 0.02 AND v.action = 'INSERT' THEN 'pending'
            WHEN luck.chance < 0.03 THEN 'waiting'
            WHEN luck.chance < 0.05 THEN 'dead'
            ELSE 'delivered'
        END AS status
) AS s
ORDER BY v.id, e.id
ON CONFLICT DO NOTHING;
