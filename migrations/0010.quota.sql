-- Quota: how many reads a tenant may make in a rolling period, and how many it made on each day.
-- depends: 0009.models

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Limits ----------------------------------------------------------------------------------------------

CREATE TABLE models.quota_limits (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    period_days integer NOT NULL DEFAULT 30,
    allowed bigint NOT NULL DEFAULT 10000,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT quota_limits_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT quota_limits_tenant_key UNIQUE (tenant_id),
    CONSTRAINT quota_limits_period_days_check CHECK (period_days BETWEEN 1 AND 366),
    CONSTRAINT quota_limits_allowed_check CHECK (allowed >= 0)
);

COMMENT ON TABLE models.quota_limits IS
'How many reads a tenant may make in a period. A tenant without a row has what the defaults say, at revision 1.';
COMMENT ON COLUMN models.quota_limits.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN models.quota_limits.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN models.quota_limits.period_days IS
'How many days (UTC) the rolling period has, today included; 1 to 366.';
COMMENT ON COLUMN models.quota_limits.allowed IS
'How many reads may be reserved within any such period; 0 allows none.';
COMMENT ON COLUMN models.quota_limits.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN models.quota_limits.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN models.quota_limits.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT quota_limits_tenant_key ON models.quota_limits IS
'tenant_id: the tenant has its limit already';
COMMENT ON CONSTRAINT quota_limits_period_days_check ON models.quota_limits IS
'period_days: must be from 1 to 366';
COMMENT ON CONSTRAINT quota_limits_allowed_check ON models.quota_limits IS
'allowed: must not be negative';

ALTER TABLE models.quota_limits ENABLE ROW LEVEL SECURITY;
ALTER TABLE models.quota_limits FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON models.quota_limits
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TRIGGER touch BEFORE UPDATE ON models.quota_limits
FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION operations.touch();
CREATE TRIGGER record_event AFTER INSERT OR UPDATE OR DELETE ON models.quota_limits
FOR EACH ROW EXECUTE FUNCTION operations.record_event('models.quota_limits');

-- Usage -----------------------------------------------------------------------------------------------

-- No count is above 10^15, so that no sum over a period leaves bigint.
CREATE TABLE models.quota_usage (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    stream_reads bigint NOT NULL DEFAULT 0,
    search_reads bigint NOT NULL DEFAULT 0,
    thread_lookups bigint NOT NULL DEFAULT 0,
    total_reads bigint NOT NULL GENERATED ALWAYS AS (stream_reads + search_reads + thread_lookups) STORED,
    stream_reserved bigint NOT NULL DEFAULT 0,
    search_reserved bigint NOT NULL DEFAULT 0,
    thread_reserved bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, day),
    CONSTRAINT quota_usage_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT quota_usage_day_check CHECK (isfinite(day)),
    CONSTRAINT quota_usage_stream_reads_check
    CHECK (stream_reads BETWEEN 0 AND 1000000000000000),
    CONSTRAINT quota_usage_search_reads_check
    CHECK (search_reads BETWEEN 0 AND 1000000000000000),
    CONSTRAINT quota_usage_thread_lookups_check
    CHECK (thread_lookups BETWEEN 0 AND 1000000000000000),
    CONSTRAINT quota_usage_stream_reserved_check CHECK (stream_reserved BETWEEN 0 AND stream_reads),
    CONSTRAINT quota_usage_search_reserved_check CHECK (search_reserved BETWEEN 0 AND search_reads),
    CONSTRAINT quota_usage_thread_reserved_check CHECK (thread_reserved BETWEEN 0 AND thread_lookups)
);

COMMENT ON TABLE models.quota_usage IS
'How many reads a tenant made or reserved on each day (UTC). Writes no events: it is counted at every read.';
COMMENT ON COLUMN models.quota_usage.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN models.quota_usage.day IS 'The day in UTC; a day without a row had no reads.';
COMMENT ON COLUMN models.quota_usage.stream_reads IS 'Reads from the stream, the reserved ones included.';
COMMENT ON COLUMN models.quota_usage.search_reads IS 'Reads by searching, the reserved ones included.';
COMMENT ON COLUMN models.quota_usage.thread_lookups IS
'Look-ups of threads, the reserved ones included.';
COMMENT ON COLUMN models.quota_usage.total_reads IS 'The sum of the three, computed by the database.';
COMMENT ON COLUMN models.quota_usage.stream_reserved IS
'Of stream_reads those that were reserved and not released: what can still be released.';
COMMENT ON COLUMN models.quota_usage.search_reserved IS
'Of search_reads those that were reserved and not released: what can still be released.';
COMMENT ON COLUMN models.quota_usage.thread_reserved IS
'Of thread_lookups those that were reserved and not released: what can still be released.';
COMMENT ON CONSTRAINT quota_usage_day_check ON models.quota_usage IS 'day: must be a day';
COMMENT ON CONSTRAINT quota_usage_stream_reads_check ON models.quota_usage IS
'stream_reads: must be from 0 to 10^15';
COMMENT ON CONSTRAINT quota_usage_search_reads_check ON models.quota_usage IS
'search_reads: must be from 0 to 10^15';
COMMENT ON CONSTRAINT quota_usage_thread_lookups_check ON models.quota_usage IS
'thread_lookups: must be from 0 to 10^15';
COMMENT ON CONSTRAINT quota_usage_stream_reserved_check ON models.quota_usage IS
'stream_reserved: must be from 0 to stream_reads';
COMMENT ON CONSTRAINT quota_usage_search_reserved_check ON models.quota_usage IS
'search_reserved: must be from 0 to search_reads';
COMMENT ON CONSTRAINT quota_usage_thread_reserved_check ON models.quota_usage IS
'thread_reserved: must be from 0 to thread_lookups';

ALTER TABLE models.quota_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE models.quota_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON models.quota_usage
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
