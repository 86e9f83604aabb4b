-- name: identity.list_user_stats :page
-- What was counted of a user in the periods of a type that began in a range of time, its end not in it; the latest
-- first. Index: the primary key.
-- row: user_statistics, the original
-- param: tenant_id          uuid        = '00000000-0000-7000-8000-000000000001'
-- param: user_id            uuid        = '00000000-0000-7000-8000-000000000002'
-- param: period_type        text        = 'daily'
-- param: since              timestamptz = '2026-01-01T00:00:00Z'
-- param: until              timestamptz = '2026-02-01T00:00:00Z'
-- param: after_period_start timestamptz = 'infinity'
-- param: limit              int         = 30
SELECT
    s.period_type,
    s.period_start,
    s.period_end,
    s.runs_started,
    s.runs_completed,
    s.run_milliseconds,
    s.runs_timed,
    s.resources_deleted
FROM identity.user_stats AS s
WHERE s.tenant_id = :tenant_id
    AND s.user_id = :user_id
    AND s.period_type = :period_type
    AND s.period_start >= :since
    AND s.period_start < :until
    AND s.period_start < :after_period_start
ORDER BY s.period_start DESC
LIMIT :limit + 1;
