-- name: models.increment_quota :one
-- Counts reads of a kind that were made today without a reservation, whatever the limit says.
-- row: quota_day
-- param: tenant_id uuid   = '00000000-0000-7000-8000-000000000001'
-- param: kind      text   = 'search'
-- param: count     bigint = 3
INSERT INTO models.quota_usage AS u (tenant_id, day, stream_reads, search_reads, thread_lookups)
SELECT
    :tenant_id,
    (now() AT TIME ZONE 'UTC')::date,
    CASE WHEN :kind = 'stream' THEN :count ELSE 0 END,
    CASE WHEN :kind = 'search' THEN :count ELSE 0 END,
    CASE WHEN :kind = 'thread_lookups' THEN :count ELSE 0 END
ON CONFLICT (tenant_id, day) DO UPDATE
    SET
        stream_reads = u.stream_reads + excluded.stream_reads,
        search_reads = u.search_reads + excluded.search_reads,
        thread_lookups = u.thread_lookups + excluded.thread_lookups
RETURNING
    u.day,
    u.total_reads,
    u.stream_reads,
    u.search_reads,
    u.thread_lookups,
    u.stream_reserved,
    u.search_reserved,
    u.thread_reserved;
