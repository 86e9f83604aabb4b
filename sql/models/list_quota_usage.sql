-- name: models.list_quota_usage :page
-- The days with reads, newest first.
-- row: quota_day
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: after_day date = 'infinity'
-- param: limit     int  = 30
SELECT
    u.day,
    u.total_reads,
    u.stream_reads,
    u.search_reads,
    u.thread_lookups,
    u.stream_reserved,
    u.search_reserved,
    u.thread_reserved
FROM models.quota_usage AS u
WHERE u.tenant_id = :tenant_id
    AND u.day < :after_day
ORDER BY u.day DESC
LIMIT :limit + 1;
