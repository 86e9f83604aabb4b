SET LOCAL lock_timeout = '5s';

DROP FUNCTION operations.statement_statistics();
DROP FUNCTION operations.claim_task_run(text, timestamptz, text, interval);
DROP FUNCTION operations.extend_task_run(text, timestamptz, uuid, interval);
DROP FUNCTION operations.end_task_run(text, timestamptz, uuid, integer, integer, bigint);
DROP FUNCTION operations.enable_task(text, boolean);
DROP FUNCTION operations.forget_task_runs(interval);
DROP TABLE operations.task_runs;
DROP TABLE operations.tasks;
DROP TABLE operations.api_usage;
DROP TABLE operations.idempotency_keys;
DROP TABLE operations.system_metrics;
DROP TABLE operations.source_documents;
DROP FUNCTION operations.record_source_documents();
DROP TABLE operations.notification_preferences;
DROP TABLE operations.notification_reads;
DROP TABLE operations.notifications;
DROP FUNCTION operations.record_notifications();
DROP TABLE operations.job_attempts;
DROP TABLE operations.jobs;
DROP FUNCTION operations.log_job_attempt();
DROP FUNCTION operations.limit_queue();
DELETE FROM operations.status_transitions
WHERE entity = 'operations.jobs';
DROP TABLE operations.job_limits;
DROP FUNCTION operations.record_job_limits();
DROP TABLE operations.job_types;
