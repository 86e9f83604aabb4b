-- Makes bench.count of the first tenant's scheduled replies due, the oldest first, and puts off all others. It runs
-- before each measurement of claims, which take what is due and nothing else.
--
-- Run as fill.sql is, after it.

UPDATE drafts.scheduled_replies AS r
SET scheduled_for = CASE
    WHEN s.number <= current_setting('bench.count')::bigint
        THEN timestamptz '2025-01-01' + s.number * interval '1 second'
    ELSE '9999-12-31'
END
FROM (
    SELECT
        id,
        row_number() OVER (ORDER BY id) AS number
    FROM drafts.scheduled_replies
    WHERE tenant_id = '00000000-0000-7000-8000-000000000001'
        AND status = 'scheduled'
) AS s
WHERE r.tenant_id = '00000000-0000-7000-8000-000000000001'
    AND r.id = s.id;
