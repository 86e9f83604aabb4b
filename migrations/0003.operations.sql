-- What keeps it running: jobs, notifications, source documents, system metrics, idempotency keys, the schedule of the
-- workers; and what was counted of requests and statements.
-- depends: 0002.identity

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Types of jobs -------------------------------------------------------------------------------------

CREATE TABLE operations.job_types (
    type text PRIMARY KEY,
    may_enqueue boolean NOT NULL DEFAULT true,
    max_attempts integer NOT NULL DEFAULT 5,
    first_delay_seconds integer NOT NULL DEFAULT 30,
    longest_delay_seconds integer NOT NULL DEFAULT 3600,
    time_limit_seconds integer NOT NULL DEFAULT 1800,
    concurrency integer,
    queue_length integer,
    failed_notification text NOT NULL DEFAULT 'job_failed'
);

COMMENT ON TABLE operations.job_types IS
'The types of jobs and their defaults; the same for all tenants. Limits of their own are in operations.job_limits.';
COMMENT ON COLUMN operations.job_types.type IS 'What kind of work it is.';
COMMENT ON COLUMN operations.job_types.may_enqueue IS
'Whether POST /v1/jobs enqueues it; false for generate-video, which comes with its video.';
COMMENT ON COLUMN operations.job_types.max_attempts IS 'What a new job has, unless it says otherwise.';
COMMENT ON COLUMN operations.job_types.first_delay_seconds IS
'How long a job waits after its first failed attempt; twice as long after each further one.';
COMMENT ON COLUMN operations.job_types.longest_delay_seconds IS 'At which the delay stops growing.';
COMMENT ON COLUMN operations.job_types.time_limit_seconds IS
'How long an attempt may run in all, heartbeats included, unless the tenant has a limit of its own.';
COMMENT ON COLUMN operations.job_types.concurrency IS
'How many may run at once, unless the tenant has a limit of its own; NULL is any number.';
COMMENT ON COLUMN operations.job_types.queue_length IS
'How many may wait, unless the tenant has a limit of its own; NULL is any number.';
COMMENT ON COLUMN operations.job_types.failed_notification IS
'The type of the notification when a job has failed for good.';

INSERT INTO operations.job_types (type, failed_notification)
VALUES
('draft', 'job_failed'),
('crawl', 'ingest_failed'),
('ingest_goldens', 'ingest_failed'),
('corrections_sync', 'ingest_failed');

INSERT INTO operations.job_types (type, may_enqueue, max_attempts, first_delay_seconds, longest_delay_seconds)
VALUES
('generate-video', false, 3, 5, 20),
('post-to-platform', true, 3, 5, 20),
('scrape-analytics', true, 3, 5, 20);

INSERT INTO operations.job_types (type, concurrency, queue_length)
VALUES
('verify_counters', 5, 20);

GRANT SELECT ON operations.job_types TO app_rw, app_ro;

-- Limits of jobs ------------------------------------------------------------------------------------

CREATE TABLE operations.job_limits (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    type text NOT NULL,
    concurrency integer,
    queue_length integer,
    time_limit_seconds integer,
    paused boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT job_limits_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT job_limits_type_fkey FOREIGN KEY (type) REFERENCES operations.job_types (type),
    CONSTRAINT job_limits_type_key UNIQUE (tenant_id, type),
    CONSTRAINT job_limits_concurrency_check CHECK (concurrency BETWEEN 1 AND 10000),
    CONSTRAINT job_limits_queue_length_check CHECK (queue_length BETWEEN 0 AND 1000000),
    CONSTRAINT job_limits_time_limit_check CHECK (time_limit_seconds BETWEEN 1 AND 86400)
);

COMMENT ON TABLE operations.job_limits IS
'What a tenant sets for a type of job. Without a row, or where a column is NULL, operations.job_types says it. Whoever
claims or enqueues under a limit locks the row.';
COMMENT ON COLUMN operations.job_limits.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.job_limits.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN operations.job_limits.type IS 'The type of job; at most one row of the tenant has it.';
COMMENT ON COLUMN operations.job_limits.concurrency IS
'How many may run at once, 1 to 10000: operations.claim_jobs gives out no more. NULL is the default of the type.';
COMMENT ON COLUMN operations.job_limits.queue_length IS
'How many may wait, up to 1000000: operations.limit_jobs() refuses more. NULL is the default of the type.';
COMMENT ON COLUMN operations.job_limits.time_limit_seconds IS
'How long an attempt may run in all, heartbeats included, up to a day. NULL is the default of the type.';
COMMENT ON COLUMN operations.job_limits.paused IS
'Whether none is given out for now. What is running goes on, and what is enqueued waits.';
COMMENT ON COLUMN operations.job_limits.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN operations.job_limits.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN operations.job_limits.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT job_limits_type_fkey ON operations.job_limits IS 'type: there is no such type of job';
COMMENT ON CONSTRAINT job_limits_type_key ON operations.job_limits IS 'type: the tenant has its limits already';
COMMENT ON CONSTRAINT job_limits_concurrency_check ON operations.job_limits IS
'concurrency: must be from 1 to 10000';
COMMENT ON CONSTRAINT job_limits_queue_length_check ON operations.job_limits IS
'queue_length: must be from 0 to 1000000';
COMMENT ON CONSTRAINT job_limits_time_limit_check ON operations.job_limits IS
'time_limit_seconds: must be from 1 to 86400';

CALL operations.protect(
    'operations.job_limits', rows => 'tenant',
    shown => '{type,concurrency,queue_length,time_limit_seconds,paused,created_at}',
    fixed => '{type,created_at}'
);

-- Jobs ----------------------------------------------------------------------------------------------

CREATE TABLE operations.jobs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    type text NOT NULL,
    unique_key text,
    unique_while text [] NOT NULL DEFAULT '{queued,running,succeeded,failed}',
    status text NOT NULL DEFAULT 'queued',
    holds_key boolean NOT NULL
    GENERATED ALWAYS AS (unique_key IS NOT NULL AND status = any(unique_while)) STORED,
    ignores_queue_length boolean NOT NULL DEFAULT false,
    priority integer NOT NULL DEFAULT 0,
    payload jsonb NOT NULL DEFAULT '{}',
    run_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 5,
    locked_by text,
    lease_id uuid,
    lease_expires_at timestamptz,
    started_at timestamptz,
    times_out_at timestamptz,
    finished_at timestamptz,
    error text,
    progress integer,
    metrics jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT jobs_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT jobs_type_fkey FOREIGN KEY (type) REFERENCES operations.job_types (type),
    CONSTRAINT jobs_unique_while_check CHECK (
        cardinality(unique_while) <= 5
        AND array_ndims(unique_while) = 1
        AND unique_while @> '{queued,running}'
        AND unique_while <@ '{queued,running,succeeded,failed,cancelled}'
    ),
    CONSTRAINT jobs_status_check
    CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT jobs_priority_check CHECK (priority BETWEEN -100 AND 100),
    CONSTRAINT jobs_attempts_check CHECK (max_attempts BETWEEN 1 AND 100 AND attempts >= 0),
    CONSTRAINT jobs_lease_check CHECK (
        (status = 'running') = (lease_expires_at IS NOT NULL)
        AND (status <> 'running' OR (lease_id IS NOT NULL AND locked_by IS NOT NULL))
    ),
    CONSTRAINT jobs_time_limit_check CHECK (
        lease_expires_at IS NULL OR (lease_expires_at <= times_out_at) IS TRUE
    ),
    CONSTRAINT jobs_finished_check
    CHECK ((status IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
    CONSTRAINT jobs_error_check CHECK ((status <> 'failed' OR error IS NOT NULL) AND length(error) <= 2000),
    CONSTRAINT jobs_progress_check CHECK (progress BETWEEN 0 AND 100),
    CONSTRAINT jobs_payload_check CHECK (jsonb_typeof(payload) = 'object' AND octet_length(payload::text) < 65536),
    CONSTRAINT jobs_metrics_check CHECK (jsonb_typeof(metrics) = 'object' AND octet_length(metrics::text) < 65536),
    CONSTRAINT jobs_unique_key_check CHECK (length(unique_key) BETWEEN 1 AND 200),
    CONSTRAINT jobs_run_at_check CHECK (isfinite(run_at)),
    CONSTRAINT jobs_locked_by_check CHECK (length(locked_by) BETWEEN 1 AND 200)
);

COMMENT ON TABLE operations.jobs IS 'Work for workers: claimed under a lease, rescued when it runs out.';
COMMENT ON COLUMN operations.jobs.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.jobs.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN operations.jobs.type IS
'What kind of work: one of operations.job_types.';
COMMENT ON COLUMN operations.jobs.unique_key IS
'At most one job of a type holds this key, for example the message that a draft is asked for, or the video''s id.';
COMMENT ON COLUMN operations.jobs.unique_while IS
'In which statuses the job holds its unique_key: always while it is queued or running, because one that failed goes back
to the queue by itself. By default a cancelled job frees it.';
COMMENT ON COLUMN operations.jobs.status IS
'queued, running, succeeded, failed or cancelled; operations.status_transitions has the legal changes.';
COMMENT ON COLUMN operations.jobs.holds_key IS
'Whether no other job may hold the key now: computed by the database.';
COMMENT ON COLUMN operations.jobs.ignores_queue_length IS
'Whether it is queued even if the queue is full: true of what comes with a message or a video, which must not be lost.';
COMMENT ON COLUMN operations.jobs.priority IS 'Higher goes first.';
COMMENT ON COLUMN operations.jobs.payload IS
'What to work on, under 64 KB. Of a draft that intake asks for: conversation_id and message_id.';
COMMENT ON COLUMN operations.jobs.run_at IS
'Not claimed before; moved on by the backoff after a failure, or when a lease ran out.';
COMMENT ON COLUMN operations.jobs.attempts IS
'How often it was claimed; counted by operations.claim_jobs, from 0 again after operations.retry_job.';
COMMENT ON COLUMN operations.jobs.max_attempts IS
'After so many attempts, 1 to 100, it fails and is not tried again by itself.';
COMMENT ON COLUMN operations.jobs.locked_by IS
'The worker that claimed it last, for people to read; NULL before the first claim.';
COMMENT ON COLUMN operations.jobs.lease_id IS
'New for each claim: who reports with an older one has lost the job. It stays after a report, so that the same again
is answered as before; NULL once the lease ran out.';
COMMENT ON COLUMN operations.jobs.lease_expires_at IS
'Until when the claim holds; moved on by heartbeats. NULL unless running. After it the job is queued again, or fails.';
COMMENT ON COLUMN operations.jobs.started_at IS 'When it was claimed last; NULL before the first claim.';
COMMENT ON COLUMN operations.jobs.times_out_at IS
'When the attempt has to be over, heartbeats or not: no lease is longer. Set by the claim; NULL before the first one.';
COMMENT ON COLUMN operations.jobs.finished_at IS
'When it succeeded, failed for good or was cancelled; NULL before, and again after operations.retry_job.';
COMMENT ON COLUMN operations.jobs.error IS
'Why the latest failed attempt failed; emptied by operations.complete_job. A failed job always has it. Those before are
in operations.job_attempts.';
COMMENT ON COLUMN operations.jobs.progress IS
'How much is done in percent, as heartbeats of the latest attempt say; NULL if they did not.';
COMMENT ON COLUMN operations.jobs.metrics IS
'What the worker measured, as it reports: any JSON object under 64 KB; NULL if it reported none.';
COMMENT ON COLUMN operations.jobs.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON CONSTRAINT jobs_type_fkey ON operations.jobs IS 'type: there is no such type of job';
COMMENT ON CONSTRAINT jobs_unique_while_check ON operations.jobs IS
'unique_while: must have queued and running, and may have succeeded, failed and cancelled, five at most';
COMMENT ON CONSTRAINT jobs_status_check ON operations.jobs IS
'status: must be queued, running, succeeded, failed or cancelled';
COMMENT ON CONSTRAINT jobs_priority_check ON operations.jobs IS 'priority: must be from -100 to 100';
COMMENT ON CONSTRAINT jobs_attempts_check ON operations.jobs IS 'max_attempts: must be from 1 to 100';
COMMENT ON CONSTRAINT jobs_lease_check ON operations.jobs IS
'lease_expires_at: a running job has a lease, no other has';
COMMENT ON CONSTRAINT jobs_time_limit_check ON operations.jobs IS
'lease_expires_at: must not be after times_out_at, which a job under a lease has';
COMMENT ON CONSTRAINT jobs_finished_check ON operations.jobs IS
'finished_at: a job in a final status has it, no other has';
COMMENT ON CONSTRAINT jobs_error_check ON operations.jobs IS
'error: a failed job says why, in at most 2000 characters';
COMMENT ON CONSTRAINT jobs_progress_check ON operations.jobs IS 'progress: must be from 0 to 100';
COMMENT ON CONSTRAINT jobs_payload_check ON operations.jobs IS 'payload: must be an object under 64 KB';
COMMENT ON CONSTRAINT jobs_metrics_check ON operations.jobs IS 'metrics: must be an object under 64 KB';
COMMENT ON CONSTRAINT jobs_unique_key_check ON operations.jobs IS 'unique_key: must have 1 to 200 characters';
COMMENT ON CONSTRAINT jobs_run_at_check ON operations.jobs IS 'run_at: must be a time, not infinity';
COMMENT ON CONSTRAINT jobs_locked_by_check ON operations.jobs IS 'locked_by: must have 1 to 200 characters';

CREATE UNIQUE INDEX jobs_unique_key ON operations.jobs (tenant_id, type, unique_key) WHERE holds_key;
COMMENT ON INDEX operations.jobs_unique_key IS 'unique_key: such a job exists';
CREATE INDEX jobs_due ON operations.jobs (tenant_id, type, priority DESC, run_at, id)
WHERE status = 'queued';
CREATE INDEX jobs_leased ON operations.jobs (tenant_id, lease_expires_at) INCLUDE (type) WHERE status = 'running';
CREATE INDEX jobs_status ON operations.jobs (tenant_id, status, id);
CREATE INDEX jobs_type_status ON operations.jobs (tenant_id, type, status, id);
CREATE INDEX jobs_failed ON operations.jobs (tenant_id, type, finished_at, id) WHERE status = 'failed';

CALL operations.protect(
    'operations.jobs', rows => 'tenant',
    fixed => '{type,unique_key,unique_while,ignores_queue_length,payload,created_at}',
    writes => '{INSERT,UPDATE,DELETE}',
    recorded => false
);

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('operations.jobs', 'new', 'queued'),
('operations.jobs', 'queued', 'running'),
('operations.jobs', 'queued', 'cancelled'),
('operations.jobs', 'running', 'queued'),
('operations.jobs', 'running', 'succeeded'),
('operations.jobs', 'running', 'failed'),
('operations.jobs', 'running', 'cancelled'),
('operations.jobs', 'failed', 'queued');

CALL operations.guard_status('operations.jobs');

CREATE FUNCTION operations.limit_jobs() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    allowed CONSTANT integer := (
        SELECT CASE
            WHEN NEW.status = 'queued' THEN coalesce(l.queue_length, t.queue_length)
            WHEN l.paused THEN 0
            ELSE coalesce(l.concurrency, t.concurrency)
        END
        FROM operations.job_types AS t
        LEFT OUTER JOIN operations.job_limits AS l
            ON l.tenant_id = NEW.tenant_id
            AND l.type = t.type
        WHERE t.type = NEW.type
    );
    jobs bigint;
BEGIN
    IF allowed IS NULL THEN
        RETURN NULL;
    END IF;
    -- Others wait here, and then count what was committed. The WHERE spares a known row the update; it is locked all
    -- the same.
    INSERT INTO operations.job_limits AS l (tenant_id, type)
    VALUES (NEW.tenant_id, NEW.type)
    ON CONFLICT (tenant_id, type) DO UPDATE
        SET paused = l.paused
        WHERE false;
    SELECT count(*)
    INTO jobs
    FROM operations.jobs AS j
    WHERE j.tenant_id = NEW.tenant_id
        AND j.type = NEW.type
        AND j.status = NEW.status;
    IF jobs <= allowed THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '%: at most % jobs of type % may %',
        CASE WHEN NEW.status = 'queued' THEN 'queue_length' ELSE 'concurrency' END,
        allowed,
        NEW.type,
        CASE WHEN NEW.status = 'queued' THEN 'wait' ELSE 'run' END
    USING
        ERRCODE = 'DR002',
        DETAIL = jsonb_build_object(
            'allowed', allowed,
            'used', jobs - 1,
            'remaining', greatest(allowed - jobs + 1, 0),
            'requested', 1,
            'resets_at', NULL
        );
END
$$;

COMMENT ON FUNCTION operations.limit_jobs() IS
'AFTER a job that heeds the limit is enqueued, or one is claimed: refuses what no longer fits into the queue of its
type, or would run beside too many others, whoever writes, with SQLSTATE DR002 and what is left as the detail.';

CREATE TRIGGER limit_queued AFTER INSERT ON operations.jobs
FOR EACH ROW WHEN (new.status = 'queued' AND NOT new.ignores_queue_length)
EXECUTE FUNCTION operations.limit_jobs();

CREATE TRIGGER limit_running AFTER UPDATE ON operations.jobs
FOR EACH ROW WHEN (old.status = 'queued' AND new.status = 'running')
EXECUTE FUNCTION operations.limit_jobs();

-- Attempts at jobs ----------------------------------------------------------------------------------

CREATE TABLE operations.job_attempts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    job_id uuid NOT NULL,
    attempt integer NOT NULL,
    worker text NOT NULL,
    error text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT job_attempts_job_fkey FOREIGN KEY (tenant_id, job_id)
    REFERENCES operations.jobs (tenant_id, id) ON DELETE CASCADE
);

COMMENT ON TABLE operations.job_attempts IS
'Why each attempt at a job came to nothing: written by operations.log_job_attempt(), which keeps the latest hundred of a
job.';
COMMENT ON COLUMN operations.job_attempts.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.job_attempts.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN operations.job_attempts.job_id IS 'The job.';
COMMENT ON COLUMN operations.job_attempts.attempt IS
'The job''s attempts then: 1, 2, 3 since it was enqueued or retried.';
COMMENT ON COLUMN operations.job_attempts.worker IS 'Who had claimed it.';
COMMENT ON COLUMN operations.job_attempts.error IS
'What the worker reported, at most 2000 characters; or that its lease ran out, or that the job was cancelled.';
COMMENT ON COLUMN operations.job_attempts.started_at IS 'When it was claimed.';
COMMENT ON COLUMN operations.job_attempts.finished_at IS
'When the worker reported, the job was cancelled, or somebody noticed that the lease had run out.';
COMMENT ON CONSTRAINT job_attempts_job_fkey ON operations.job_attempts IS 'job_id: there is no such job';

CREATE INDEX job_attempts_job ON operations.job_attempts (tenant_id, job_id, id);

CALL operations.protect(
    'operations.job_attempts', rows => 'tenant', writes => '{INSERT,DELETE}', recorded => false, derived => true
);

CREATE FUNCTION operations.log_job_attempt() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO operations.job_attempts (tenant_id, job_id, attempt, worker, error, started_at)
    VALUES (
        NEW.tenant_id,
        NEW.id,
        OLD.attempts,
        OLD.locked_by,
        CASE
            WHEN NEW.status = 'cancelled' THEN 'the job was cancelled'
            ELSE coalesce(NEW.error, 'no reason was given')
        END,
        coalesce(OLD.started_at, now())
    );
    DELETE FROM operations.job_attempts AS a
    WHERE a.tenant_id = NEW.tenant_id
        AND a.job_id = NEW.id
        AND a.id <= (
            SELECT oldest.id
            FROM operations.job_attempts AS oldest
            WHERE oldest.tenant_id = NEW.tenant_id
                AND oldest.job_id = NEW.id
            ORDER BY oldest.id DESC
            LIMIT 1 OFFSET 100
        );
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION operations.log_job_attempt() IS
'AFTER a running job fails, goes back to the queue or is cancelled: logs the attempt, whoever writes.';

CREATE TRIGGER log_attempt AFTER UPDATE ON operations.jobs
FOR EACH ROW WHEN (old.status = 'running' AND new.status IN ('queued', 'failed', 'cancelled'))
EXECUTE FUNCTION operations.log_job_attempt();

-- Notifications -------------------------------------------------------------------------------------

CREATE TABLE operations.notifications (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    user_id uuid,
    type text NOT NULL,
    unique_key text,
    payload jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT notifications_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT notifications_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT notifications_type_check CHECK (
        type IN (
            'draft_ready',
            'delivery_unknown',
            'delivery_failed',
            'reply_held',
            'reply_not_recalled',
            'job_failed',
            'ingest_failed',
            'post_failed',
            'post_unknown',
            'post_overdue',
            'draft_reminder',
            'draft_escalated',
            'token_expired',
            'webhook_disabled',
            'run_finished',
            'run_failed',
            'quota_warning',
            'quota_danger',
            'custom'
        )
    ),
    CONSTRAINT notifications_custom_check CHECK (
        type <> 'custom' OR (
            jsonb_typeof(payload -> 'title') = 'string'
            AND NOT operations.is_blank(payload ->> 'title')
            AND length(payload ->> 'title') <= 200
            AND coalesce(jsonb_typeof(payload -> 'text') = 'string' AND length(payload ->> 'text') <= 4000, true)
        ) IS TRUE
    ),
    CONSTRAINT notifications_payload_check
    CHECK (jsonb_typeof(payload) = 'object' AND octet_length(payload::text) < 65536)
);

COMMENT ON TABLE operations.notifications IS
'The feed of what people should look at. A row never changes: who has read it is in notification_reads.';
COMMENT ON COLUMN operations.notifications.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.notifications.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN operations.notifications.user_id IS 'For whom; NULL is for everyone of the tenant.';
COMMENT ON COLUMN operations.notifications.type IS
'draft_ready; delivery_unknown or delivery_failed of a reply; reply_held, or reply_not_recalled from its worker, when
the conversation has overtaken it; job_failed or ingest_failed of a job, as its type says; post_failed,
post_unknown or post_overdue of a social post; draft_reminder or draft_escalated of a draft that waits for a decision;
token_expired of a social account; webhook_disabled of an endpoint that failed for days or is gone; run_finished or
run_failed of a run, for its user; quota_warning from 80 percent of a quota on, quota_danger from 95 on; custom is what a
service has to say.';
COMMENT ON COLUMN operations.notifications.unique_key IS
'At most one notification has this key, for example a quota, its level and its period; NULL of what may come again.';
COMMENT ON COLUMN operations.notifications.payload IS
'The ids of what it is about, draft_id, conversation_id, tweet_id, scheduled_reply_id, job_id, social_post_id,
social_account_id, endpoint_id, pipeline_run_id or resource_run_id, as the type needs; the reason why a reply is held, or
an endpoint disabled; quota (reads or concepts), used and allowed; of a custom one title and text.';
COMMENT ON COLUMN operations.notifications.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON CONSTRAINT notifications_user_fkey ON operations.notifications IS
'user_id: there is no such user';
COMMENT ON CONSTRAINT notifications_type_check ON operations.notifications IS
'type: must be draft_ready, delivery_unknown, delivery_failed, reply_held, reply_not_recalled, job_failed, ingest_failed, post_failed, post_unknown, post_overdue, draft_reminder, draft_escalated, token_expired, webhook_disabled, run_finished, run_failed, quota_warning, quota_danger or custom';  -- noqa: LT05
COMMENT ON CONSTRAINT notifications_custom_check ON operations.notifications IS
'payload: of a custom notification must have a title of 1 to 200 characters, and may have a text of at most 4000';
COMMENT ON CONSTRAINT notifications_payload_check ON operations.notifications IS
'payload: must be an object under 64 KB';

CREATE INDEX notifications_type ON operations.notifications (tenant_id, user_id, type, id);
CREATE UNIQUE INDEX notifications_unique_key ON operations.notifications (tenant_id, unique_key)
WHERE unique_key IS NOT NULL;
COMMENT ON INDEX operations.notifications_unique_key IS 'unique_key: such a notification exists';

CALL operations.protect(
    'operations.notifications', rows => 'tenant',
    shown => '{user_id,type,created_at}',
    writes => '{INSERT,DELETE}'
);

CREATE TABLE operations.notification_reads (
    tenant_id uuid NOT NULL,
    notification_id uuid NOT NULL,
    user_id uuid NOT NULL,
    read_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, notification_id, user_id),
    CONSTRAINT notification_reads_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT notification_reads_notification_fkey FOREIGN KEY (tenant_id, notification_id)
    REFERENCES operations.notifications (tenant_id, id) ON DELETE CASCADE
);

COMMENT ON TABLE operations.notification_reads IS
'Which notifications a user has read. To mark one as unread deletes the row.';
COMMENT ON COLUMN operations.notification_reads.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.notification_reads.notification_id IS 'The notification, for the user or for everyone.';
COMMENT ON COLUMN operations.notification_reads.user_id IS 'Who has read it: row-level security compares it.';
COMMENT ON COLUMN operations.notification_reads.read_at IS 'When the user marked it as read.';
COMMENT ON CONSTRAINT notification_reads_user_fkey ON operations.notification_reads IS
'user_id: there is no such user';
COMMENT ON CONSTRAINT notification_reads_notification_fkey ON operations.notification_reads IS
'notification_id: there is no such notification';

CREATE INDEX notification_reads_user ON operations.notification_reads (tenant_id, user_id);

CALL operations.protect(
    'operations.notification_reads', rows => 'user',
    writes => '{INSERT,DELETE}',
    recorded => false
);

CREATE TABLE operations.notification_preferences (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    muted text [] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT notification_preferences_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT notification_preferences_muted_check CHECK (
        cardinality(muted) <= 100
        AND coalesce(array_ndims(muted), 1) = 1
        AND array_position(muted, NULL) IS NULL
        AND octet_length(array_to_string(muted, '')) <= 8192
    )
);

COMMENT ON TABLE operations.notification_preferences IS
'What a user does not want to be notified of. A user without a row is notified of everything.';
COMMENT ON COLUMN operations.notification_preferences.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.notification_preferences.user_id IS
'Whose preferences they are: row-level security compares it.';
COMMENT ON COLUMN operations.notification_preferences.muted IS
'Types of notifications that are neither listed nor counted for the user, at most 100; one that does not exist has no
effect.';
COMMENT ON CONSTRAINT notification_preferences_user_fkey ON operations.notification_preferences IS
'user_id: there is no such user';
COMMENT ON CONSTRAINT notification_preferences_muted_check ON operations.notification_preferences IS
'muted: must be at most 100 types, of at most 8 KB together';

CALL operations.protect('operations.notification_preferences', rows => 'user', recorded => false);

-- Source documents ----------------------------------------------------------------------------------

CREATE TABLE operations.source_documents (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    source_url text NOT NULL,
    title text,
    hash text,
    indexed_at timestamptz NOT NULL,
    next_refresh_at timestamptz,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT source_documents_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT source_documents_source_url_key UNIQUE (tenant_id, source_url),
    CONSTRAINT source_documents_source_url_check
    CHECK (source_url <> '' AND octet_length(source_url) <= 2048),
    CONSTRAINT source_documents_title_check CHECK (length(title) BETWEEN 1 AND 1000),
    CONSTRAINT source_documents_hash_check CHECK (length(hash) BETWEEN 1 AND 200),
    CONSTRAINT source_documents_indexed_at_check CHECK (isfinite(indexed_at)),
    CONSTRAINT source_documents_next_refresh_at_check CHECK (isfinite(next_refresh_at)),
    CONSTRAINT source_documents_metadata_check CHECK (
        jsonb_typeof(metadata) = 'object' AND octet_length(metadata::text) < 65536
    )
);

COMMENT ON TABLE operations.source_documents IS
'Mirror of what the vector store has indexed, so that a draft''s sources show where they come from and how fresh.';
COMMENT ON COLUMN operations.source_documents.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.source_documents.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN operations.source_documents.source_url IS
'Where the document comes from, 1 to 2048 bytes; at most one row of the tenant has it.';
COMMENT ON COLUMN operations.source_documents.title IS
'What the document is called for people; NULL if unknown.';
COMMENT ON COLUMN operations.source_documents.hash IS
'Of the content, as the indexer computes it; NULL if unknown.';
COMMENT ON COLUMN operations.source_documents.indexed_at IS
'When the vector store last took it in, as the indexer says.';
COMMENT ON COLUMN operations.source_documents.next_refresh_at IS
'When the indexer means to take it in again; NULL if it has no plan.';
COMMENT ON COLUMN operations.source_documents.metadata IS
'What the indexer tells beside that: any JSON object under 64 KB.';
COMMENT ON COLUMN operations.source_documents.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN operations.source_documents.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN operations.source_documents.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT source_documents_source_url_key ON operations.source_documents IS
'source_url: is known already';
COMMENT ON CONSTRAINT source_documents_source_url_check ON operations.source_documents IS
'source_url: must have 1 to 2048 bytes';
COMMENT ON CONSTRAINT source_documents_title_check ON operations.source_documents IS
'title: must have 1 to 1000 characters';
COMMENT ON CONSTRAINT source_documents_hash_check ON operations.source_documents IS
'hash: must have 1 to 200 characters';
COMMENT ON CONSTRAINT source_documents_indexed_at_check ON operations.source_documents IS
'indexed_at: must be a time, not infinity';
COMMENT ON CONSTRAINT source_documents_next_refresh_at_check ON operations.source_documents IS
'next_refresh_at: must be a time, not infinity';
COMMENT ON CONSTRAINT source_documents_metadata_check ON operations.source_documents IS
'metadata: must be an object under 64 KB';

CREATE INDEX source_documents_due ON operations.source_documents (tenant_id, next_refresh_at, id)
WHERE next_refresh_at IS NOT NULL;

CALL operations.protect(
    'operations.source_documents', rows => 'tenant',
    shown => '{indexed_at,next_refresh_at,created_at}',
    fixed => '{source_url,created_at}',
    writes => '{INSERT,UPDATE,DELETE}'
);

-- System metrics ------------------------------------------------------------------------------------

CREATE TABLE operations.system_metrics (
    tenant_id uuid NOT NULL,
    type text NOT NULL,
    measured_at timestamptz NOT NULL,
    source text NOT NULL,
    cases bigint NOT NULL,
    total numeric NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, type, measured_at, source),
    CONSTRAINT system_metrics_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT system_metrics_type_check CHECK (
        type IN ('video_generation_rate', 'posting_success_rate', 'reflexion_accuracy', 'cost_per_video')
    ),
    CONSTRAINT system_metrics_measured_at_check CHECK (measured_at <= created_at + interval '5 minutes'),
    CONSTRAINT system_metrics_source_check CHECK (NOT operations.is_blank(source) AND length(source) <= 100),
    -- So that no sum of a year leaves bigint. NaN is above every number.
    CONSTRAINT system_metrics_cases_check CHECK (cases BETWEEN 1 AND 1000000000),
    CONSTRAINT system_metrics_total_check CHECK (
        total BETWEEN 0 AND CASE WHEN type = 'cost_per_video' THEN 1000000000000000 ELSE cases END
    )
) PARTITION BY RANGE (measured_at);

COMMENT ON TABLE operations.system_metrics IS
'How well the system does: sums over some cases, so that total / cases is the mean, of one row and of many. Appended,
one partition per month of UTC. flask partitions makes partitions ahead, and drops old ones.';
COMMENT ON COLUMN operations.system_metrics.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.system_metrics.type IS
'video_generation_rate, of videos that ended; posting_success_rate, of attempts to post; reflexion_accuracy, of
predictions that were compared; cost_per_video, of videos whose price is known.';
COMMENT ON COLUMN operations.system_metrics.measured_at IS
'The beginning of what was measured; an hour of UTC where the source is draftroom.';
COMMENT ON COLUMN operations.system_metrics.source IS
'Who measured: draftroom for what is counted here, or a service as it calls itself; 1 to 100 characters.';
COMMENT ON COLUMN operations.system_metrics.cases IS 'How many cases there were, at least one.';
COMMENT ON COLUMN operations.system_metrics.total IS
'Of rates the cases that went well; of cost_per_video millionths of the currency unit.';
COMMENT ON COLUMN operations.system_metrics.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON CONSTRAINT system_metrics_type_check ON operations.system_metrics IS
'type: must be video_generation_rate, posting_success_rate, reflexion_accuracy or cost_per_video';
COMMENT ON CONSTRAINT system_metrics_measured_at_check ON operations.system_metrics IS
'measured_at: must not be in the future';
COMMENT ON CONSTRAINT system_metrics_source_check ON operations.system_metrics IS
'source: must have 1 to 100 characters that are not blank';
COMMENT ON CONSTRAINT system_metrics_cases_check ON operations.system_metrics IS 'cases: must be from 1 to 10^9';
COMMENT ON CONSTRAINT system_metrics_total_check ON operations.system_metrics IS
'total: must be from 0 to cases, of cost_per_video to 10^15';

CALL operations.protect(
    'operations.system_metrics', rows => 'tenant', writes => '{INSERT}', recorded => false
);

DO $$
BEGIN
    PERFORM operations.make_partitions((now() - interval '1 month')::date, (now() + interval '6 months')::date);
END
$$;

-- Idempotency keys ----------------------------------------------------------------------------------

CREATE TABLE operations.idempotency_keys (
    tenant_id uuid NOT NULL,
    caller text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status integer,
    headers jsonb,
    body bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, caller, key),
    CONSTRAINT idempotency_keys_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT idempotency_keys_headers_check CHECK (octet_length(headers::text) < 65536)
);

COMMENT ON TABLE operations.idempotency_keys IS
'The answer to each POST that came with an Idempotency-Key, written in the transaction of its change.';
COMMENT ON COLUMN operations.idempotency_keys.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.idempotency_keys.caller IS
'Who sent the request: a user, an API key''s family, or both.';
COMMENT ON COLUMN operations.idempotency_keys.key IS
'What the request had as Idempotency-Key: 1 to 255 printable ASCII characters.';
COMMENT ON COLUMN operations.idempotency_keys.request_hash IS 'SHA-256 of method, path and body.';
COMMENT ON COLUMN operations.idempotency_keys.status IS
'The HTTP status of the answer; NULL only inside the transaction that took the key.';
COMMENT ON COLUMN operations.idempotency_keys.headers IS
'The answer''s Content-Type, ETag and Location, by name; NULL as long as status is, and when body is.';
COMMENT ON COLUMN operations.idempotency_keys.body IS
'The answer''s body, encrypted under SECRET_KEY: it may hold a new API key. NULL as long as status is, and once a person
of the tenant was erased.';
COMMENT ON COLUMN operations.idempotency_keys.created_at IS
'When the key was taken; anew when it was taken over after it had expired.';
COMMENT ON COLUMN operations.idempotency_keys.expires_at IS
'24 hours after it was taken; from then on the next request takes it over. The row stays until it is deleted.';
COMMENT ON CONSTRAINT idempotency_keys_headers_check ON operations.idempotency_keys IS
'headers: must be under 64 KB';

CREATE INDEX idempotency_keys_expiry ON operations.idempotency_keys (tenant_id, expires_at);

CALL operations.protect(
    'operations.idempotency_keys', rows => 'tenant',
    writes => '{INSERT,UPDATE,DELETE}',
    recorded => false,
    hidden => true
);

-- Retention -----------------------------------------------------------------------------------------

CREATE TABLE operations.retention_rules (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    subject text NOT NULL,
    days integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT retention_rules_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT retention_rules_subject_key UNIQUE (tenant_id, subject),
    CONSTRAINT retention_rules_subject_check CHECK (
        subject IN (
            'open_conversations',
            'closed_conversations',
            'archived_conversations',
            'model_runs',
            'notifications',
            'jobs'
        )
    ),
    CONSTRAINT retention_rules_days_check CHECK (days BETWEEN 0 AND 36500)
);

COMMENT ON TABLE operations.retention_rules IS
'How long a tenant keeps what gets old, where that differs from the settings of the service. The event log is not among
it: who administers a tenant must not shorten the record of what they did.';
COMMENT ON COLUMN operations.retention_rules.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.retention_rules.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN operations.retention_rules.subject IS
'What the rule is about. Open and closed conversations are archived, which removes their texts; all else is deleted.';
COMMENT ON COLUMN operations.retention_rules.days IS
'After how many days it goes; 0 keeps it for ever, NULL leaves it to the settings.';
COMMENT ON COLUMN operations.retention_rules.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN operations.retention_rules.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN operations.retention_rules.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT retention_rules_subject_key ON operations.retention_rules IS
'subject: has a rule already';
COMMENT ON CONSTRAINT retention_rules_subject_check ON operations.retention_rules IS
'subject: must be open_conversations, closed_conversations, archived_conversations, model_runs, notifications or jobs';
COMMENT ON CONSTRAINT retention_rules_days_check ON operations.retention_rules IS
'days: must be from 0 to 36500';

CALL operations.protect(
    'operations.retention_rules', rows => 'tenant',
    shown => '{subject,days,created_at}',
    fixed => '{subject,created_at}'
);

-- Erasures ------------------------------------------------------------------------------------------

CREATE TABLE operations.erasures (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    person text NOT NULL,
    email text,
    dry_run boolean NOT NULL,
    counts jsonb NOT NULL DEFAULT '{}',
    requested_by text NOT NULL,
    finished_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT erasures_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT erasures_person_check CHECK (person ~ '^[0-9a-f]{64}$'),
    CONSTRAINT erasures_email_check CHECK (length(email) <= 320 AND NOT operations.is_blank(email)),
    CONSTRAINT erasures_finished_check CHECK ((email IS NULL) = (finished_at IS NOT NULL)),
    CONSTRAINT erasures_counts_check CHECK (jsonb_typeof(counts) = 'object' AND octet_length(counts::text) < 65536)
);

COMMENT ON TABLE operations.erasures IS
'Customers who are to be erased, or were: what is left of each is how many rows went, and when.';
COMMENT ON COLUMN operations.erasures.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.erasures.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN operations.erasures.person IS
'HMAC-SHA256 of the address under SECRET_KEY, in hexadecimal: who knows the address finds the row again.';
COMMENT ON COLUMN operations.erasures.email IS 'The address, until the erasure is done; then NULL.';
COMMENT ON COLUMN operations.erasures.dry_run IS 'Whether rows are only counted.';
COMMENT ON COLUMN operations.erasures.counts IS
'How many rows went, or would go, by table: {"inbox.messages": 12}. Grows batch by batch.';
COMMENT ON COLUMN operations.erasures.requested_by IS 'Who asked for it: user:<id>, key:<id> or the command.';
COMMENT ON COLUMN operations.erasures.finished_at IS 'When it was done; NULL before.';
COMMENT ON COLUMN operations.erasures.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN operations.erasures.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN operations.erasures.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT erasures_person_check ON operations.erasures IS 'person: must have 64 hexadecimal digits';
COMMENT ON CONSTRAINT erasures_email_check ON operations.erasures IS
'email: must not be blank, and at most 320 characters';
COMMENT ON CONSTRAINT erasures_finished_check ON operations.erasures IS
'email: is there until the erasure is done';
COMMENT ON CONSTRAINT erasures_counts_check ON operations.erasures IS 'counts: must be an object under 64 KB';

CREATE UNIQUE INDEX erasures_pending ON operations.erasures (tenant_id, person, dry_run)
WHERE finished_at IS NULL;
COMMENT ON INDEX operations.erasures_pending IS 'email: is being erased already';

CALL operations.protect(
    'operations.erasures', rows => 'tenant',
    shown => '{person,dry_run,requested_by,finished_at,created_at}',
    fixed => '{person,dry_run,requested_by,created_at}'
);

CREATE FUNCTION operations.refuse_erasure() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'operations.erasures: only the owner, who erases, says what was erased'
    USING ERRCODE = 'insufficient_privilege';
END
$$;

COMMENT ON FUNCTION operations.refuse_erasure() IS
'BEFORE an erasure is changed, or comes with what only the owner can have done: refuses it.';

CREATE TRIGGER only_owner_finishes BEFORE INSERT ON operations.erasures
FOR EACH ROW WHEN (
    (new.finished_at IS NOT NULL OR new.counts <> '{}') AND NOT pg_has_role(current_user, 'app_owner', 'MEMBER')
)
EXECUTE FUNCTION operations.refuse_erasure();
CREATE TRIGGER only_owner_changes BEFORE UPDATE ON operations.erasures
FOR EACH ROW WHEN (NOT pg_has_role(current_user, 'app_owner', 'MEMBER'))
EXECUTE FUNCTION operations.refuse_erasure();

-- The schedule of the workers -----------------------------------------------------------------------

CREATE TABLE operations.tasks (
    name text PRIMARY KEY,
    every interval NOT NULL,
    counted_from timestamptz NOT NULL DEFAULT '2000-01-01 00:00:00+00',
    enabled boolean NOT NULL DEFAULT true,
    description text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tasks_name_check CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    CONSTRAINT tasks_every_check
    CHECK (every >= interval '1 second' AND extract(YEAR FROM every) = 0 AND extract(MONTH FROM every) = 0)
);

COMMENT ON TABLE operations.tasks IS
'What flask worker does again and again, for all tenants; the owner changes when.';
COMMENT ON COLUMN operations.tasks.name IS 'What the code calls it; a worker passes over a name that it does not know.';
COMMENT ON COLUMN operations.tasks.every IS
'How long a period is, at least a second, without months and years, which differ in length. It runs once in each.';
COMMENT ON COLUMN operations.tasks.counted_from IS
'When one of the periods begins, in the past or to come: so it tells at what time of the day a daily task runs.';
COMMENT ON COLUMN operations.tasks.enabled IS 'Whether workers run it; flask tasks run does so anyway.';
COMMENT ON COLUMN operations.tasks.description IS 'What it does, for people to read.';
COMMENT ON COLUMN operations.tasks.created_at IS 'When the row was inserted: the start of the transaction.';
COMMENT ON CONSTRAINT tasks_name_check ON operations.tasks IS
'name: must have 1 to 63 characters a to z, 0 to 9 and -, and begin with a letter';
COMMENT ON CONSTRAINT tasks_every_check ON operations.tasks IS
'every: must be at least a second, and have no months or years';

GRANT SELECT ON operations.tasks TO app_rw, app_ro;

INSERT INTO operations.tasks (name, every, counted_from, description)
VALUES
('backlog', '1 minute', DEFAULT, 'Counts what waits in all tenants, for /metrics.'),
('draft-reminders', '10 minutes', DEFAULT, 'Reminds of drafts that wait for a decision, then escalates them.'),
('erasures', '1 minute', DEFAULT, 'Erases the customers that tenants asked to erase.'),
('library-counts', '7 days', '2000-01-02 02:41:00+00', 'Counts bookmarks, views, members and runs anew.'),
('partitions', '1 day', '2000-01-01 01:07:00+00', 'Makes the monthly partitions of the next half year.'),
('prompt-metrics', '1 hour', DEFAULT, 'Counts what became of the drafts that were made with each prompt.'),
('rescue-jobs', '1 minute', DEFAULT, 'Takes jobs back from workers that are gone.'),
('rescue-pipeline-runs', '1 minute', DEFAULT, 'Takes pipeline runs back from workers that are gone.'),
('rescue-replies', '1 minute', DEFAULT, 'Asks people to look at replies whose workers are gone.'),
('rescue-resource-runs', '1 minute', DEFAULT, 'Takes runs of resources back from workers that are gone.'),
('retention', '1 day', '2000-01-01 03:17:00+00', 'Deletes what is older than RETENTION_..._DAYS.'),
('snapshots', '5 minutes', DEFAULT, 'Asks for the analytics of videos that were posted in the last 7 days.'),
('social-posts', '1 minute', DEFAULT, 'Schedules failed posts again, and tells of posts that nobody posts.'),
('social-tokens', '1 minute', DEFAULT, 'Tells of access tokens that have expired.'),
('studio-metrics', '1 hour', '2000-01-01 00:03:00+00', 'Measures how well the studio did in the hour that is over.'),
('task-runs', '1 day', '2000-01-01 01:37:00+00', 'Deletes the runs of tasks after 7 days.');

CREATE TABLE operations.task_runs (
    task text NOT NULL,
    period timestamptz NOT NULL,
    worker text NOT NULL,
    lease_id uuid NOT NULL,
    lease_expires_at timestamptz,
    attempts integer NOT NULL DEFAULT 1,
    began_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    tenants integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (task, period),
    CONSTRAINT task_runs_task_fkey FOREIGN KEY (task) REFERENCES operations.tasks (name) ON DELETE CASCADE,
    CONSTRAINT task_runs_attempts_check CHECK (attempts >= 0),
    CONSTRAINT task_runs_ended_check CHECK ((ended_at IS NULL) = (lease_expires_at IS NOT NULL)),
    CONSTRAINT task_runs_counts_check CHECK (failed BETWEEN 0 AND tenants AND done >= 0)
);

COMMENT ON TABLE operations.task_runs IS
'What the workers did: one row for each period of a task, so that one worker has it, until its lease runs out.';
COMMENT ON COLUMN operations.task_runs.task IS 'The task.';
COMMENT ON COLUMN operations.task_runs.period IS 'When the period began.';
COMMENT ON COLUMN operations.task_runs.worker IS 'The host and the process that claimed it last, for people to read.';
COMMENT ON COLUMN operations.task_runs.lease_id IS
'New for each claim: who extends or ends the run with an older one has lost it.';
COMMENT ON COLUMN operations.task_runs.lease_expires_at IS
'Until when the claim holds; moved on while the worker goes on. After it another worker begins the run again. NULL once
it has ended.';
COMMENT ON COLUMN operations.task_runs.attempts IS
'How often it was claimed, not counting workers that stopped in good order; after the fifth nobody claims it again.';
COMMENT ON COLUMN operations.task_runs.began_at IS 'When it was claimed last.';
COMMENT ON COLUMN operations.task_runs.ended_at IS 'When the worker was through; NULL before.';
COMMENT ON COLUMN operations.task_runs.tenants IS
'For how many tenants it ran, 1 if it is not about tenants; 0 before it ended.';
COMMENT ON COLUMN operations.task_runs.failed IS 'For how many of them it failed: the log of the worker says why.';
COMMENT ON COLUMN operations.task_runs.done IS
'How many things it did: rows that it deleted, people whom it told, whatever the task counts.';
COMMENT ON CONSTRAINT task_runs_task_fkey ON operations.task_runs IS 'task: there is no such task';
COMMENT ON CONSTRAINT task_runs_attempts_check ON operations.task_runs IS 'attempts: must not be negative';
COMMENT ON CONSTRAINT task_runs_ended_check ON operations.task_runs IS
'lease_expires_at: a run that has not ended has a lease, no other has';
COMMENT ON CONSTRAINT task_runs_counts_check ON operations.task_runs IS
'failed: must be from 0 to the number of tenants';

CREATE INDEX task_runs_leased ON operations.task_runs (task, lease_expires_at) WHERE lease_expires_at IS NOT NULL;

GRANT SELECT ON operations.task_runs TO app_rw, app_ro;

CREATE FUNCTION operations.claim_task_run(
    of_task text, of_period timestamptz, by_worker text, for_time interval
) RETURNS uuid
LANGUAGE plpgsql
AS $$
DECLARE
    claimed uuid;
BEGIN
    INSERT INTO operations.task_runs AS r (task, period, worker, lease_id, lease_expires_at)
    VALUES (of_task, of_period, by_worker, operations.new_id(), now() + for_time)
    ON CONFLICT (task, period) DO UPDATE
    SET
        worker = excluded.worker,
        lease_id = excluded.lease_id,
        lease_expires_at = excluded.lease_expires_at,
        began_at = excluded.began_at,
        attempts = r.attempts + 1
    WHERE r.lease_expires_at <= excluded.began_at
    RETURNING r.lease_id INTO claimed;
    RETURN claimed;
END
$$;

COMMENT ON FUNCTION operations.claim_task_run(text, timestamptz, text, interval) IS
'Gives a worker the period of a task, or what another one began and left when its lease ran out: the id of the lease;
NULL if another one has it, or has ended it. Whoever calls it needs the privileges, which the owner alone has.';

GRANT EXECUTE ON FUNCTION operations.claim_task_run(text, timestamptz, text, interval) TO app_rw;

CREATE FUNCTION operations.extend_task_run(
    of_task text, of_period timestamptz, by_lease uuid, for_time interval
) RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE operations.task_runs AS r
    SET
        lease_expires_at = now() + for_time,
        -- Whoever gives it back at once has stopped in good order.
        attempts = r.attempts - CASE WHEN for_time = interval '0' THEN 1 ELSE 0 END
    WHERE r.task = of_task
        AND r.period = of_period
        AND r.lease_id = by_lease
        AND r.ended_at IS NULL;
    RETURN found;
END
$$;

COMMENT ON FUNCTION operations.extend_task_run(text, timestamptz, uuid, interval) IS
'Lets a claim hold for so long from now on, 0 to give it back; whether the worker has it still: also when its lease is
over, as long as nobody has taken over. For the owner, as claim_task_run().';

GRANT EXECUTE ON FUNCTION operations.extend_task_run(text, timestamptz, uuid, interval) TO app_rw;

CREATE FUNCTION operations.end_task_run(
    of_task text, of_period timestamptz, by_lease uuid, all_tenants integer, failed_tenants integer, things bigint
) RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE operations.task_runs AS r
    SET
        ended_at = now(),
        lease_expires_at = NULL,
        tenants = all_tenants,
        failed = failed_tenants,
        done = things
    WHERE r.task = of_task
        AND r.period = of_period
        AND r.lease_id = by_lease
        AND r.ended_at IS NULL;
    RETURN found;
END
$$;

COMMENT ON FUNCTION operations.end_task_run(text, timestamptz, uuid, integer, integer, bigint) IS
'Ends a run, with what it did; whether the worker had it still. For the owner, as claim_task_run().';

GRANT EXECUTE ON FUNCTION operations.end_task_run(text, timestamptz, uuid, integer, integer, bigint) TO app_rw;

CREATE FUNCTION operations.enable_task(which text, allowed boolean) RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE operations.tasks AS t
    SET enabled = allowed
    WHERE t.name = which;
    RETURN found;
END
$$;

COMMENT ON FUNCTION operations.enable_task(text, boolean) IS
'Lets the workers run a task, or keeps them from it; whether there is such a task. For the owner.';

GRANT EXECUTE ON FUNCTION operations.enable_task(text, boolean) TO app_rw;

CREATE FUNCTION operations.forget_task_runs(keep interval) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    forgotten bigint;
BEGIN
    DELETE FROM operations.task_runs AS r
    WHERE r.period < now() - keep
        AND r.period < (
            SELECT max(latest.period)
            FROM operations.task_runs AS latest
            WHERE latest.task = r.task
        );
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

COMMENT ON FUNCTION operations.forget_task_runs(interval) IS
'Deletes the runs of periods that began longer ago than what is kept, and tells how many; never the latest one of a
task, which tells that its period was begun. For the owner.';

GRANT EXECUTE ON FUNCTION operations.forget_task_runs(interval) TO app_rw;

-- API usage -----------------------------------------------------------------------------------------

CREATE TABLE operations.api_usage (
    tenant_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    caller text NOT NULL,
    method text NOT NULL,
    route text NOT NULL,
    status integer NOT NULL,
    requests bigint NOT NULL,
    total_ms double precision NOT NULL,
    max_ms double precision NOT NULL,
    within_2_ms bigint NOT NULL,
    within_5_ms bigint NOT NULL,
    within_10_ms bigint NOT NULL,
    within_25_ms bigint NOT NULL,
    within_50_ms bigint NOT NULL,
    within_100_ms bigint NOT NULL,
    within_250_ms bigint NOT NULL,
    within_1_s bigint NOT NULL,
    within_5_s bigint NOT NULL,
    PRIMARY KEY (tenant_id, hour, caller, method, route, status),
    CONSTRAINT api_usage_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT api_usage_hour_check CHECK (extract(EPOCH FROM hour) % 3600 = 0),
    CONSTRAINT api_usage_caller_check CHECK (caller ~ '^(key:[0-9a-f-]{36}|user|webhook)$'),
    CONSTRAINT api_usage_method_check CHECK (method ~ '^[A-Z]{1,20}$'),
    CONSTRAINT api_usage_route_check CHECK (route ~ '^/' AND octet_length(route) <= 500),
    CONSTRAINT api_usage_status_check CHECK (status BETWEEN 100 AND 599),
    CONSTRAINT api_usage_latency_check CHECK (max_ms >= 0 AND total_ms >= max_ms AND total_ms < 'infinity'),
    CONSTRAINT api_usage_requests_check CHECK (
        requests > 0
        AND requests >= within_5_s
        AND within_5_s >= within_1_s
        AND within_1_s >= within_250_ms
        AND within_250_ms >= within_100_ms
        AND within_100_ms >= within_50_ms
        AND within_50_ms >= within_25_ms
        AND within_25_ms >= within_10_ms
        AND within_10_ms >= within_5_ms
        AND within_5_ms >= within_2_ms
        AND within_2_ms >= 0
    )
) PARTITION BY RANGE (hour);

COMMENT ON TABLE operations.api_usage IS
'How often and how fast the API answered: counts for each hour, never a request by itself. Each process of the service
adds what it counted in memory, once a minute. One partition per month of UTC.';
COMMENT ON COLUMN operations.api_usage.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN operations.api_usage.hour IS 'The beginning of the hour in which the answers began.';
COMMENT ON COLUMN operations.api_usage.caller IS
'key:<id> of the API key, also when it acts for a user; user for all users with a token; webhook for all executors with
the secret of the webhook.';
COMMENT ON COLUMN operations.api_usage.method IS 'The method of the requests.';
COMMENT ON COLUMN operations.api_usage.route IS
'The rule of the route, such as /v1/drafts/<uuid:draft_id>; never a path, which has ids in it.';
COMMENT ON COLUMN operations.api_usage.status IS 'The HTTP status of the answers.';
COMMENT ON COLUMN operations.api_usage.requests IS 'How many there were.';
COMMENT ON COLUMN operations.api_usage.total_ms IS
'Milliseconds from having a request to the beginning of its answer, of all together.';
COMMENT ON COLUMN operations.api_usage.max_ms IS 'Milliseconds of the slowest.';
COMMENT ON COLUMN operations.api_usage.within_2_ms IS 'How many took at most 2 milliseconds.';
COMMENT ON COLUMN operations.api_usage.within_5_ms IS 'How many took at most 5 milliseconds.';
COMMENT ON COLUMN operations.api_usage.within_10_ms IS 'How many took at most 10 milliseconds.';
COMMENT ON COLUMN operations.api_usage.within_25_ms IS 'How many took at most 25 milliseconds.';
COMMENT ON COLUMN operations.api_usage.within_50_ms IS 'How many took at most 50 milliseconds.';
COMMENT ON COLUMN operations.api_usage.within_100_ms IS 'How many took at most 100 milliseconds.';
COMMENT ON COLUMN operations.api_usage.within_250_ms IS 'How many took at most 250 milliseconds.';
COMMENT ON COLUMN operations.api_usage.within_1_s IS 'How many took at most a second.';
COMMENT ON COLUMN operations.api_usage.within_5_s IS 'How many took at most 5 seconds.';
COMMENT ON CONSTRAINT api_usage_hour_check ON operations.api_usage IS 'hour: must be the beginning of an hour';
COMMENT ON CONSTRAINT api_usage_caller_check ON operations.api_usage IS
'caller: must be key:<id>, user or webhook';
COMMENT ON CONSTRAINT api_usage_method_check ON operations.api_usage IS 'method: must be 1 to 20 capital letters';
COMMENT ON CONSTRAINT api_usage_route_check ON operations.api_usage IS
'route: must begin with a slash and have at most 500 bytes';
COMMENT ON CONSTRAINT api_usage_status_check ON operations.api_usage IS 'status: must be from 100 to 599';
COMMENT ON CONSTRAINT api_usage_latency_check ON operations.api_usage IS
'total_ms: must be finite, and at least max_ms, which must not be negative';
COMMENT ON CONSTRAINT api_usage_requests_check ON operations.api_usage IS
'requests: must be positive, and each count of those within a time at least that within a shorter one';

CALL operations.protect('operations.api_usage', rows => 'tenant', recorded => false);

CREATE FUNCTION operations.refuse_count() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'operations.api_usage: counts only grow, and not before their hour'
    USING ERRCODE = 'insufficient_privilege';
END
$$;

COMMENT ON FUNCTION operations.refuse_count() IS
'BEFORE counts of requests come for a time that is still to come, or shrink: refuses it, whoever writes.';

-- The clock of the service may be ahead.
CREATE TRIGGER count_in_time BEFORE INSERT ON operations.api_usage
FOR EACH ROW WHEN (new.hour > now() + interval '1 hour')
EXECUTE FUNCTION operations.refuse_count();
CREATE TRIGGER only_grow BEFORE UPDATE ON operations.api_usage
FOR EACH ROW WHEN (
    new.requests < old.requests OR new.total_ms < old.total_ms OR new.max_ms < old.max_ms
)
EXECUTE FUNCTION operations.refuse_count();

CREATE FUNCTION operations.forget_api_usage(tenant_id uuid, up_to timestamptz) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    forgotten bigint;
BEGIN
    DELETE FROM operations.api_usage AS u
    WHERE u.tenant_id = forget_api_usage.tenant_id
        AND u.hour <= up_to;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

COMMENT ON FUNCTION operations.forget_api_usage(uuid, timestamptz) IS
'Deletes what was counted of requests up to an hour, and tells how many rows went. Whoever calls it needs the privilege,
which the owner alone has.';

GRANT EXECUTE ON FUNCTION operations.forget_api_usage(uuid, timestamptz) TO app_rw;

DO $$
BEGIN
    PERFORM operations.make_partitions((now() - interval '1 month')::date, (now() + interval '6 months')::date);
END
$$;

-- What waits ----------------------------------------------------------------------------------------

CREATE TABLE operations.backlog (
    kind text NOT NULL,
    state text NOT NULL,
    total bigint NOT NULL,
    oldest_at timestamptz,
    measured_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, state),
    CONSTRAINT backlog_total_check CHECK (total >= 0)
);

COMMENT ON TABLE operations.backlog IS
'What waited in all tenants together when a worker measured it last, for /metrics: no other role sees them all.';
COMMENT ON COLUMN operations.backlog.kind IS
'What: jobs, replies, posts, pipeline_runs, resource_runs, webhooks or events.';
COMMENT ON COLUMN operations.backlog.state IS
'For what it waits, such as due, for a worker to claim it, or expired, for a lease that ran out to be noticed.';
COMMENT ON COLUMN operations.backlog.total IS
'How many, of each tenant up to the maximum that the worker counts to.';
COMMENT ON COLUMN operations.backlog.oldest_at IS
'Since when the oldest of them has waited; NULL if there is none, or if it does not matter.';
COMMENT ON COLUMN operations.backlog.measured_at IS 'When it was measured: the start of the transaction.';
COMMENT ON CONSTRAINT backlog_total_check ON operations.backlog IS 'total: must not be negative';

GRANT SELECT ON operations.backlog TO app_rw, app_ro;

CREATE FUNCTION operations.store_backlog(measured jsonb) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    stored bigint;
BEGIN
    INSERT INTO operations.backlog AS b (kind, state, total, oldest_at)
    SELECT
        m.kind,
        m.state,
        m.total,
        m.oldest_at
    FROM jsonb_to_recordset(measured) AS m (kind text, state text, total bigint, oldest_at timestamptz)
    ORDER BY m.kind, m.state
    ON CONFLICT (kind, state) DO UPDATE
    SET
        total = excluded.total,
        oldest_at = excluded.oldest_at,
        measured_at = excluded.measured_at;
    GET DIAGNOSTICS stored = ROW_COUNT;
    DELETE FROM operations.backlog AS b WHERE b.measured_at < now();
    RETURN stored;
END
$$;

COMMENT ON FUNCTION operations.store_backlog(jsonb) IS
'Replaces what was measured before by a list of objects with kind, state, total and oldest_at; how many rows there are
now. For the owner, as claim_task_run().';

GRANT EXECUTE ON FUNCTION operations.store_backlog(jsonb) TO app_rw;

-- What the worker looks for --------------------------------------------------------------------------

CREATE FUNCTION operations.tenants_with_work()
RETURNS TABLE (
    id uuid,
    has_backlog boolean,
    has_lost_jobs boolean,
    has_erasures boolean
)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    -- all tenants: for the owner.
    RETURN QUERY
    SELECT
        t.id,
        (
            EXISTS (
                SELECT 1
                FROM operations.jobs AS j
                WHERE j.tenant_id = t.id
                    AND j.status IN ('queued', 'running', 'failed')
                UNION ALL
                SELECT 1
                FROM operations.events AS e
                WHERE e.tenant_id = t.id
                    AND e.epoch = (SELECT max(present.epoch) FROM operations.epochs AS present)
                    AND e.xid >= pg_snapshot_xmin(pg_current_snapshot())
            )
        ),
        (
            EXISTS (
                SELECT
                FROM operations.jobs AS j
                WHERE j.tenant_id = t.id
                    AND j.status = 'running'
                    AND j.lease_expires_at <= now()
            )
        ),
        (
            EXISTS (
                SELECT
                FROM operations.erasures AS e
                WHERE e.tenant_id = t.id
                    AND e.finished_at IS NULL
            )
        )
    FROM identity.tenants AS t
    WHERE t.suspended_at IS NULL;
END
$$;

COMMENT ON FUNCTION operations.tenants_with_work() IS
'What a worker has to look for in each tenant, found by one probe of an index for each thing: jobs or events to count
as backlog, jobs whose workers are gone, erasures. For the tenants whom the role may see, all for the owner, unless
they are suspended.';

GRANT EXECUTE ON FUNCTION operations.tenants_with_work() TO app_rw, app_ro;

-- Statistics ----------------------------------------------------------------------------------------

CREATE FUNCTION operations.statement_statistics()
RETURNS TABLE (
    statement text,
    calls bigint,
    total_milliseconds double precision,
    max_milliseconds double precision,
    row_count bigint
)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    extension_schema text;
BEGIN
    SELECT n.nspname::text
    INTO extension_schema
    FROM pg_extension AS e
    INNER JOIN pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_stat_statements';

    IF extension_schema IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT s.query, s.calls, s.total_exec_time, s.max_exec_time, s.rows
        FROM %I.pg_stat_statements AS s
        WHERE s.userid = current_user::regrole AND s.toplevel
            AND s.dbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())',
        extension_schema
    );
EXCEPTION
    -- The extension was made, but the server was not started with its library; or it is not for this role.
    WHEN object_not_in_prerequisite_state OR insufficient_privilege THEN
        RETURN;
END
$$;

COMMENT ON FUNCTION operations.statement_statistics() IS
'What pg_stat_statements counted of the current role''s statements; nothing where that extension is not there.';

GRANT EXECUTE ON FUNCTION operations.statement_statistics() TO app_rw, app_ro;
