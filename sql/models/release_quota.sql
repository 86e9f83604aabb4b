-- name: models.release_quota :maybe
-- Takes back reads of a kind that were reserved on a day and not used; no row when less of it is reserved, so that
-- nothing is released that was not reserved.
-- row: quota_day
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: day       date   = '2025-06-15'
-- param: kind      text   = 'stream'
-- param: count     bigint = 10
UPDATE models.quota_usage AS u
SET
    stream_reads = u.stream_reads - CASE WHEN :kind = 'stream' THEN :count ELSE 0 END,
    search_reads = u.search_reads - CASE WHEN :kind = 'search' THEN :count ELSE 0 END,
    thread_lookups = u.thread_lookups - CASE WHEN :kind = 'thread_lookups' THEN :count ELSE 0 END,
    stream_reserved = u.stream_reserved - CASE WHEN :kind = 'stream' THEN :count ELSE 0 END,
    search_reserved = u.search_reserved - CASE WHEN :kind = 'search' THEN :count ELSE 0 END,
    thread_reserved = u.thread_reserved - CASE WHEN :kind = 'thread_lookups' THEN :count ELSE 0 END
WHERE u.tenant_id = :tenant_id
    AND u.day = :day
    AND :count <= CASE
        WHEN :kind = 'stream' THEN u.stream_reserved
        WHEN :kind = 'search' THEN u.search_reserved
        WHEN :kind = 'thread_lookups' THEN u.thread_reserved
    END
RETURNING
    u.day,
    u.total_reads,
    u.stream_reads,
    u.search_reads,
    u.thread_lookups,
    u.stream_reserved,
    u.search_reserved,
    u.thread_reserved;
