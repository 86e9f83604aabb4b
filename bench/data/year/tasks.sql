-- What the workers did in two days: each period of each task, of which the last one still runs.
INSERT INTO operations.task_runs (task, period, worker, lease_id, lease_expires_at, ended_at, tenants, done)
SELECT
    t.name,
    p.period,
    'worker:1',
    operations.new_id(),
    CASE WHEN p.period + t.every > '2026-01-03' THEN p.period + interval '5 minutes' END,
    CASE WHEN p.period + t.every <= '2026-01-03' THEN p.period + interval '1 second' END,
    10,
    1
FROM operations.tasks AS t
CROSS JOIN LATERAL generate_series(
    timestamptz '2026-01-01 00:00:00+00', timestamptz '2026-01-02 23:59:59+00', t.every
) AS p (period);
