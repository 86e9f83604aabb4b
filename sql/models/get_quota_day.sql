-- name: models.get_quota_day :one
-- What was read and reserved on a day.
-- row: quota_day, the original
-- param: tenant_id uuid = '00000000-0000-7000-8000-000000000001'
-- param: day       date = '2025-06-15'
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
    AND u.day = :day;
